using Samovar.Ipc;

namespace Samovar.Processes;

/// <content>What tasks write, where it is captured.</content>
/// <remarks>
/// <list type="number">
/// <item>A worker has one task at a time: all that is in its pipes when the answer is read is that task's, and nothing of the
/// next is there, which is sent afterwards.</item>
/// <item>The worker has everything in the pipes before it answers. Whoever reads the answer reads the pipes to their end before the
/// task ends, and before the worker gets another.</item>
/// <item>A worker that has ended is buried after its pipes were read to the end, so a crash loses nothing of it.</item>
/// <item>The portable platform cannot read a pipe to its end at a given moment: its workers send what was written through
/// <see cref="Console"/>, before the answer.</item>
/// </list>
/// </remarks>
internal sealed partial class ProcessHost
{
    private bool Captures => _options is { Output: WorkerOutput.Capture, InProcess: false };

    private bool ReadsPipes => Captures && _platform.Kind == ChannelKind.Linux;

    private TaskTraits OutputTraits => !Captures ? TaskTraits.None : ReadsPipes ? TaskTraits.IsCaptured : TaskTraits.SendsOutput;

    private static void TakeOutput(WorkerLink link, ReadOnlySpan<byte> text) =>
        link.ToldOutput = new string(RecordHeaders.TextOf(text));

    /// <summary>The task is answered, or has died with its worker: takes what it wrote.</summary>
    private void CaptureOutput(WorkerLink link, Shipment shipment, bool hasDied)
    {
        if (link.Lines?.Captured is { } captured)
        {
            link.Process.DrainNow();
            shipment.Future.KeepOutput(captured.Take());
        }
        else if (Captures)
        {
            shipment.Future.KeepOutput(hasDied ? null : link.ToldOutput ?? "");
            link.ToldOutput = null;
        }
    }

    /// <summary>What was written by no task, such as by the initializer, goes the way of all output.</summary>
    private static void PassOnOutput(WorkerLink link)
    {
        if (link.Lines?.Captured is not { } captured) return;
        link.Process.DrainNow();
        if (captured.Take() is { Length: > 0 } text) link.Lines.PassOn(text);
    }
}
