using System.Text;

namespace Samovar.Processes;

/// <summary>Cuts what a worker writes into lines, and hands them on. Called by one thread.</summary>
internal sealed class WorkerLines(ProcessExecutorOptions options, int number, string name)
{
    /// <summary>A line without end is cut here.</summary>
    private const int LongestLine = 64 * 1024;

    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();
    private readonly Decoder _outputDecoder = Encoding.UTF8.GetDecoder();
    private readonly Decoder _errorDecoder = Encoding.UTF8.GetDecoder();

    public int ProcessId { get; set; }

    public void Receive(OutputSource source, ReadOnlySpan<byte> bytes)
    {
        if (options is { Output: WorkerOutput.Discard, OutputReceived: null }) return;
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
        if (options.OutputReceived is { } received) received(new WorkerLine(number, ProcessId, isError, line));
        else (isError ? Console.Error : Console.Out).WriteLine($"[{name}] {line}");
    }
}
