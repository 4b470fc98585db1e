using System.Text;

namespace Samovar.Cli;

/// <summary>Standard error as a place for reports: what it does not take is dropped. A disk that is full, or a terminal that is gone, must
/// not end a run whose results can be written.</summary>
/// <param name="inner">Where reports go.</param>
internal sealed class BestEffortWriter(TextWriter inner) : TextWriter
{
    public override Encoding Encoding => inner.Encoding;

    public override void Write(char value) => Try(static (writer, value) => writer.Write(value), value);

    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    public override void Write(string? value) => Try(static (writer, value) => writer.Write(value), value);

    public override void Write(ReadOnlySpan<char> buffer) => Write(buffer.ToString());

    public override void WriteLine(string? value) => Try(static (writer, value) => writer.WriteLine(value), value);

    public override Task WriteAsync(string? value)
    {
        Write(value);
        return Task.CompletedTask;
    }

    public override Task WriteLineAsync(string? value)
    {
        WriteLine(value);
        return Task.CompletedTask;
    }

    public override void Flush() => Try(static (writer, _) => writer.Flush(), 0);

    private void Try<T>(Action<TextWriter, T> write, T value)
    {
        try
        {
            write(inner, value);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // There is no other place to report it; the exit code tells how the run ended.
        }
    }
}
