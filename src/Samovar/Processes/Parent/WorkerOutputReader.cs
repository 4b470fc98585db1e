using System.Globalization;
using System.Text;
using Samovar.Processes.Launch;
using Samovar.Processes.Platform;
using Samovar.Processes.Protocol;

namespace Samovar.Processes.Parent;

/// <summary>Splits the output of a worker into lines and passes them to a delivery. Called by one thread at a time; it never blocks and runs no
/// user code.</summary>
/// <param name="options">Specify how output is handled.</param>
/// <param name="number">The number of the worker.</param>
/// <param name="name">The name of the worker.</param>
/// <param name="captures">Whether all output is kept in <see cref="Captured"/>.</param>
/// <param name="delivery">Delivers the lines.</param>
/// <param name="failed">Gets the exceptions of <see cref="ProcessExecutorOptions.OutputReceived"/>, and the first error of this process's own
/// stdout or stderr.</param>
internal sealed class WorkerOutputReader(
    ProcessExecutorOptions options, int number, string name, bool captures, LineDelivery delivery, Action<Exception> failed)
{
    /// <summary>The length at which a line without an end is cut, in characters.</summary>
    private const int LongestLine = 64 * 1024;

    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();
    private readonly Decoder _outputDecoder = Encoding.UTF8.GetDecoder();
    private readonly Decoder _errorDecoder = Encoding.UTF8.GetDecoder();

    private long _dropped; // lines since the last that was delivered
    private bool _cannotForward; // delivery

    public int ProcessId { get; set; }

    /// <summary>The output that belongs to a task or child; null if output is not captured.</summary>
    public CapturedOutput? Captured { get; } = captures ? new CapturedOutput() : null;

    public OutputBacklog Backlog { get; } = new();

    /// <summary>Delivers the lines.</summary>
    public LineDelivery Delivery => delivery;

    public void Receive(OutputSource source, ReadOnlySpan<byte> bytes)
    {
        Captured?.Append(source, bytes);
        if (options is { Output: not WorkerOutput.Forward, OutputReceived: null }) return;
        bool isError = source == OutputSource.Error;
        var decoder = isError ? _errorDecoder : _outputDecoder;
        var line = isError ? _errors : _output;
        Span<char> text = stackalloc char[1024];
        while (!bytes.IsEmpty)
        {
            decoder.Convert(bytes, text, flush: false, out int used, out int made, out _);
            bytes = bytes[used..];
            var rest = (ReadOnlySpan<char>)text[..made];
            while (!rest.IsEmpty)
            {
                int end = rest.IndexOf('\n');
                line.Append(end < 0 ? rest : rest[..end]);
                rest = end < 0 ? default : rest[(end + 1)..];
                if (end < 0 && line.Length < LongestLine) continue;
                Deliver(isError, line.ToString().TrimEnd('\r'));
                line.Clear();
            }
        }
    }

    /// <summary>Delivers captured output that belongs to no task.</summary>
    public void PassOn(string captured)
    {
        if (options.OutputReceived is not null) return; // the receiver got every line already
        foreach (string line in captured.TrimEnd().Split('\n'))
        {
            if (line.Length > 0) Deliver(isError: false, line.TrimEnd('\r'));
        }
    }

    /// <summary>Adds a line about the worker to the worker's own output.</summary>
    public void Tell(string text) => Deliver(isError: true, text);

    /// <summary>Delivers the unterminated lines of a worker that has exited.</summary>
    public void Flush()
    {
        foreach ((bool isError, var line) in ((bool, StringBuilder)[])[(false, _output), (true, _errors)])
        {
            if (line.Length == 0) continue;
            Deliver(isError, line.ToString());
            line.Clear();
        }

        TellDropped();
    }

    private void Deliver(bool isError, string line)
    {
        if (Backlog.IsOverfull)
        {
            _dropped++;
            return;
        }

        TellDropped();
        Add(isError, line);
    }

    private void TellDropped()
    {
        if (_dropped == 0) return;
        Add(isError: true, string.Create(CultureInfo.InvariantCulture, $"[{_dropped} lines before this were dropped: they were written faster than they were received]"));
        _dropped = 0;
    }

    private void Add(bool isError, string line)
    {
        Backlog.AddLine(line.Length);
        delivery.Add(() =>
        {
            HandOn(isError, line);
            Backlog.RemoveLine(line.Length);
        });
    }

    private void HandOn(bool isError, string line)
    {
        try
        {
            if (options.OutputReceived is { } received) received(new WorkerOutputLine(number, ProcessId, isError, line));
            else (isError ? Console.Error : Console.Out).WriteLine($"[{name}] {line}");
        }
        catch (Exception error)
        {
            // The receiver threw, or stdout is closed, full or replaced by a writer of the program. None of these is the worker's fault.
            if (options.OutputReceived is null && _cannotForward) return; // reported once
            _cannotForward = true;
            failed(error);
        }
    }
}
