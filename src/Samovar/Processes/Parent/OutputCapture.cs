using Samovar.Ipc.Platform;
using Samovar.Processes.Protocol;

namespace Samovar.Processes.Parent;

/// <summary>Captures what tasks write to stdout and stderr, if that is enabled. Immutable; the state that it takes from a worker is guarded by the
/// turn.</summary>
/// <remarks>
/// <list type="number">
/// <item>A worker has one task at a time: when the result is read, everything in its pipes was written during that task, because the next task is
/// sent only afterwards.</item>
/// <item>The worker flushes everything into the pipes before it sends the result. The thread that reads the result reads the pipes to their end
/// before the task completes and before the worker gets another task.</item>
/// <item>A worker that has exited is reaped after its pipes have been read to the end, so a crash loses no output.</item>
/// <item>The portable platform cannot read a pipe to its end at a given moment: its workers send what was written through <see cref="Console"/> in
/// a record before the result.</item>
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

    /// <summary>Whether the output of a task is read from the worker's pipes, and not from a record.</summary>
    public bool ReadsPipes { get; }

    /// <summary>The flags in a task's record that enable capturing in the worker.</summary>
    public TaskFlags Flags { get; }

    /// <summary>Stores the output of a task that has its result, or that died with its worker.</summary>
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

    /// <summary>Forwards output that no task wrote, such as that of the initializer, like uncaptured output.</summary>
    public static void PassOn(WorkerHandle worker)
    {
        if (worker.Lines?.Captured is not { } captured) return;
        worker.Process.DrainNow();
        if (captured.Take() is { Length: > 0 } text) worker.Lines.PassOn(text);
    }
}
