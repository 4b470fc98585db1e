using System.Text;
using Samovar.Ipc.Channel;
using Samovar.Processes.Platform;
using Samovar.Processes.Protocol;

namespace Samovar.Processes.Worker;

/// <summary>Captures the output of the running task, if the executor captures output. Used on the worker's main thread.</summary>
internal sealed class WorkerConsole(ResultWriter results)
{
    private CapturedOutput? _kept;

    /// <summary>Called before the task runs.</summary>
    public void Begin(TaskFlags flags)
    {
        if ((flags & TaskFlags.SendsOutput) == TaskFlags.None || _kept is not null) return;
        _kept = new CapturedOutput();
        Console.SetOut(new Copying(Console.Out, _kept, OutputSource.Output));
        Console.SetError(new Copying(Console.Error, _kept, OutputSource.Error));
    }

    /// <summary>Called when the task has run, before its result is written: sends all its output on its way to the executor.</summary>
    public void End(TaskFlags flags, ItemTicket ticket)
    {
        if ((flags & (TaskFlags.IsCaptured | TaskFlags.SendsOutput)) == TaskFlags.None) return;
        try
        {
            Console.Out.Flush();
            Console.Error.Flush();
        }
        catch (Exception error)
        {
            results.WriteDetached(ticket, error); // the work has replaced the writer, or closed the stream
        }

        if (OperatingSystem.IsLinux()) LinuxProcessCalls.FlushNativeOutput();
        if (_kept?.Take() is { Length: > 0 } text) results.WriteOutput(ticket, text);
    }

    /// <summary>Writes to the original writer, and keeps a copy. The console synchronizes access.</summary>
    private sealed class Copying(TextWriter inner, CapturedOutput kept, OutputSource source) : TextWriter(inner.FormatProvider)
    {
        public override Encoding Encoding => inner.Encoding;

        public override void Write(char value) => Write([value]);

        public override void Write(string? value) => Write(value.AsSpan());

        public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

        public override void Write(ReadOnlySpan<char> buffer)
        {
            inner.Write(buffer);
            kept.Append(source, buffer);
        }

        public override void Flush() => inner.Flush();
    }
}
