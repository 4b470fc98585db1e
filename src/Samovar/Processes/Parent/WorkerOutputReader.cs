using System.Globalization;
using System.Text;
using Samovar.Processes.Launch;
using Samovar.Processes.Platform;
using Samovar.Processes.Protocol;

namespace Samovar.Processes.Parent;

/// <summary>Cuts what a worker writes into lines, and has them handed on. Called by one thread at a time; it never blocks and runs no user
/// code.</summary>
/// <param name="options">What becomes of them.</param>
/// <param name="number">The worker's.</param>
/// <param name="name">The worker's.</param>
/// <param name="captures">Whether all that is written is kept in <see cref="Captured"/>.</param>
/// <param name="delivery">Hands them on.</param>
/// <param name="failed">Gets what <see cref="ProcessExecutorOptions.OutputReceived"/> throws, and the first error of this process's own
/// stdout or stderr.</param>
internal sealed class WorkerOutputReader(
    ProcessExecutorOptions options, int number, string name, bool captures, LineDelivery delivery, Action<Exception> failed)
{
    /// <summary>A line without end is cut here.</summary>
    private const int LongestLine = 64 * 1024;

    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();
    private readonly Decoder _outputDecoder = Encoding.UTF8.GetDecoder();
    private readonly Decoder _errorDecoder = Encoding.UTF8.GetDecoder();

    private long _dropped; // lines since the last that was handed on
    private bool _cannotForward; // delivery

    public int ProcessId { get; set; }

    /// <summary>What was written and is to be somebody's; null where nothing is captured.</summary>
    public CapturedOutput? Captured { get; } = captures ? new CapturedOutput() : null;

    public OutputBacklog Backlog { get; } = new();

    /// <summary>What hands the lines on.</summary>
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

    /// <summary>Hands on what was captured and is nobody's.</summary>
    public void PassOn(string captured)
    {
        if (options.OutputReceived is not null) return; // it had all of it before
        foreach (string line in captured.TrimEnd().Split('\n'))
        {
            if (line.Length > 0) Deliver(isError: false, line.TrimEnd('\r'));
        }
    }

    /// <summary>Says something about the worker among what it says itself.</summary>
    public void Tell(string text) => Deliver(isError: true, text);

    /// <summary>The worker has ended: hands on the lines that it has left without their end.</summary>
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
        Add(isError: true, string.Create(CultureInfo.InvariantCulture, $"[{_dropped} lines before this were dropped: they came faster than they were taken]"));
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
            // The receiver's own error, or a stdout that is closed, full or the program's own writer: none of it is the worker's.
            if (options.OutputReceived is null && _cannotForward) return; // told once
            _cannotForward = true;
            failed(error);
        }
    }
}
