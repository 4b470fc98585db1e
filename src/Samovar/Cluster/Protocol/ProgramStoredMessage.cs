using System.Security.Cryptography;

namespace Samovar.Cluster.Protocol;

/// <summary>An owner has stored the package of its program, or cannot.</summary>
/// <param name="Build">The build of the program.</param>
/// <param name="Package">The hash of the package's manifest; zeros if the package was not stored.</param>
/// <param name="Error">Why the package was not stored; empty if it was.</param>
internal sealed record ProgramStoredMessage(BuildId Build, ReadOnlyMemory<byte> Package, string Error)
{
    public static ProgramStoredMessage Read(ReadOnlyMemory<byte> body)
    {
        var reader = new MessageReader(body);
        return new ProgramStoredMessage(BuildId.Read(reader.Raw(BuildId.Size).Span), reader.Raw(SHA256.HashSizeInBytes), reader.Text());
    }

    public MessageWriter Write()
    {
        Span<byte> build = stackalloc byte[BuildId.Size];
        Build.CopyTo(build);
        return new MessageWriter().Raw(build).Raw(Package.Span).Text(Error);
    }
}
