using System.Text;

namespace Samovar.Processes;

/// <summary>Cuts what a worker writes into lines, and hands them on. Called by one thread.</summary>
/// <param name="options">What becomes of them.</param>
/// <param name="number">The worker's.</param>
/// <param name="name">The worker's.</param>
/// <param name="captures">Whether all that is written is kept in <see cref="Captured"/>.</param>
internal sealed class WorkerLines(ProcessExecutorOptions options, int number, string name, bool captures)
{
    /// <summary>A line without end is cut here.</summary>
    private const int LongestLine = 64 * 1024;

    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();
    private readonly Decoder _outputDecoder = Encoding.UTF8.GetDecoder();
    private readonly Decoder _errorDecoder = Encoding.UTF8.GetDecoder();

    // What is captured is also read by whoever takes an answer, who holds locks: no user code runs there.
    private readonly SerialCalls? _calls = captures && options.OutputReceived is not null ? new SerialCalls() : null;

    public int ProcessId { get; set; }

    /// <summary>What was written and is to be somebody's; null where nothing is captured.</summary>
    public CapturedOutput? Captured { get; } = captures ? new CapturedOutput() : null;

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
    }

    private void Deliver(bool isError, string line)
    {
        if (options.OutputReceived is { } received)
        {
            var told = new WorkerLine(number, ProcessId, isError, line);
            if (_calls is null) received(told);
            else _calls.Add(() => received(told));
        }
        else
        {
            (isError ? Console.Error : Console.Out).WriteLine($"[{name}] {line}");
        }
    }
}
