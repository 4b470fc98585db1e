using System.Text;

namespace Samovar.Cli;

/// <summary>Wraps one of the standard streams, and passes write errors to <see cref="Refused"/> instead of throwing them.</summary>
/// <param name="inner">The wrapped writer.</param>
internal abstract class GuardedWriter(TextWriter inner) : TextWriter
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

    /// <summary>Called with the error when text could not be written.</summary>
    protected abstract void Refused(Exception error);

    private void Try<T>(Action<TextWriter, T> write, T value)
    {
        try
        {
            write(inner, value);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Refused(e);
        }
    }
}
