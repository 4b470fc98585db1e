using Samovar.Ipc.Platform;
using Samovar.Processes.Protocol;

namespace Samovar.Processes.Parent;

/// <summary>What tasks write to stdout and stderr, where it is captured. Immutable; what it takes from a worker is the turn's.</summary>
/// <remarks>
/// <list type="number">
/// <item>A worker has one task at a time: all that is in its pipes when the result is read is that task's, and nothing of the
/// next is there, which is sent afterwards.</item>
/// <item>The worker has everything in the pipes before it sends the result. The thread that reads the result reads the pipes to their end before
/// the task completes, and before the worker gets another.</item>
/// <item>A worker that has exited is reaped after its pipes were read to the end, so a crash loses nothing of it.</item>
/// <item>The portable platform cannot read a pipe to its end at a given moment: its workers send what was written through
/// <see cref="Console"/>, before the result.</item>
/// </list>
/// </remarks>
internal sealed class OutputCapture
{
    public OutputCapture(ProcessExecutorOptions options, ChannelPlatform platform)
    {
        IsOn = options is { Output: WorkerOutput.Capture, InProcess: false };
        ReadsPipes = IsOn && platform.Kind == ChannelKind.Linux;
        Flags = !IsOn ? TaskFlags.None : ReadsPipes ? TaskFlags.IsCaptured : TaskFlags.SendsOutput;
    }

    public bool IsOn { get; }

    /// <summary>Whether the output of a task comes from the worker's pipes, and not in a record.</summary>
    public bool ReadsPipes { get; }

    /// <summary>How a task's record says so to its worker.</summary>
    public TaskFlags Flags { get; }

    /// <summary>The task has its result, or has died with its worker: takes what it wrote.</summary>
    public void Keep(WorkerHandle worker, SerializedTask task, bool hasDied)
    {
        if (worker.Lines?.Captured is { } captured)
        {
            worker.Process.DrainNow();
            task.Future.KeepOutput(captured.Take());
        }
        else if (IsOn)
        {
            task.Future.KeepOutput(hasDied ? null : worker.ToldOutput ?? "");
            worker.ToldOutput = null;
        }
    }

    /// <summary>What no task wrote, such as the initializer's output, goes the way of all output.</summary>
    public static void PassOn(WorkerHandle worker)
    {
        if (worker.Lines?.Captured is not { } captured) return;
        worker.Process.DrainNow();
        if (captured.Take() is { Length: > 0 } text) worker.Lines.PassOn(text);
    }
}
