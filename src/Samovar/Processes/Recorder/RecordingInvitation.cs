using System.Globalization;
using Samovar.Ipc.Platform;

namespace Samovar.Processes.Recorder;

/// <summary>What a worker needs for its recording. It is sent with the worker's setup.</summary>
/// <param name="IsPortable">Whether to open it without the calls of Linux.</param>
/// <param name="Parent">The program that has the executor.</param>
/// <param name="Program">The name of the program.</param>
/// <param name="Path">The path of the file, which the program has created.</param>
internal sealed record RecordingInvitation(bool IsPortable, ProcessIdentity Parent, string Program, string Path)
{
    private const char Separator = '\0';
    private const int Fields = 5;

    public static RecordingInvitation? TryParse(string text)
    {
        string[] fields = text.Split(Separator, Fields);
        var culture = CultureInfo.InvariantCulture;
        return fields.Length == Fields
            && int.TryParse(fields[1], NumberStyles.None, culture, out int id)
            && uint.TryParse(fields[2], NumberStyles.None, culture, out uint start)
                ? new RecordingInvitation(fields[0] == "1", new ProcessIdentity(id, start), fields[3], fields[4])
                : null;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{(IsPortable ? 1 : 0)}{Separator}{Parent.Id}{Separator}{Parent.Start}{Separator}{Program.Replace(Separator, '?')}{Separator}{Path}");
}
