using System.Globalization;
using Samovar.Ipc.Platform;

namespace Samovar.Ipc.Channel;

/// <summary>What a worker needs to open its channel. It is passed as the text of an environment variable.</summary>
/// <param name="Kind">How memory is shared.</param>
/// <param name="ParentId">The parent's process id.</param>
/// <param name="SegmentNumber">The channel's segment, see <see cref="SegmentAddress"/>.</param>
/// <param name="SegmentLength">The length of the segment in bytes.</param>
/// <param name="BellNumber">The segment of the <see cref="ParentBell"/>.</param>
/// <param name="Cookie">The cookie, which is also in the channel's header.</param>
/// <param name="Directory">Portable channels: the directory of their files.</param>
internal sealed record ChannelInvitation(
    ChannelKind Kind, int ParentId, long SegmentNumber, long SegmentLength, long BellNumber, ChannelCookie Cookie, string Directory)
{
    private const int Fields = 7;

    public SegmentAddress Segment => new(ParentId, SegmentNumber);

    public SegmentAddress Bell => new(ParentId, BellNumber);

    public static ChannelInvitation? TryParse(string text)
    {
        // The directory comes last, because it may contain any character.
        string[] fields = text.Split(';', Fields);
        CultureInfo culture = CultureInfo.InvariantCulture;
        if (fields.Length != Fields || KindOf(fields[0]) is not { } kind) return null;

        return int.TryParse(fields[1], culture, out int parent) && parent > 0
            && long.TryParse(fields[2], culture, out long segment)
            && long.TryParse(fields[3], culture, out long length) && length > 0
            && long.TryParse(fields[4], culture, out long bell)
            && ChannelCookie.TryParse(fields[5], out ChannelCookie cookie)
                ? new ChannelInvitation(kind, parent, segment, length, bell, cookie, fields[6])
                : null;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Kind};{ParentId};{SegmentNumber};{SegmentLength};{BellNumber};{Cookie};{Directory}");

    // Enum.TryParse would have to be compiled in each worker.
    private static ChannelKind? KindOf(string name) => name switch
    {
        nameof(ChannelKind.Linux) => ChannelKind.Linux,
        nameof(ChannelKind.Portable) => ChannelKind.Portable,
        nameof(ChannelKind.Local) => ChannelKind.Local,
        _ => null,
    };
}
