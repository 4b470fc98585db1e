using System.Text;
using System.Threading.Channels;
using Samovar.Dashboard.Watches;

namespace Samovar.Dashboard.Tests;

/// <summary>A watched program that the test plays: each connection is passed to the test, which writes the program's lines.</summary>
internal sealed class FakeProgram : WatchedProgram
{
    private readonly Channel<PipePair> _connections = Channel.CreateUnbounded<PipePair>();

    /// <summary>How it ended; null while it runs.</summary>
    public string? End { get; set; }

    /// <summary>Why its end cannot be found out; null if it can.</summary>
    public Exception? EndError { get; set; }

    /// <summary>The exit code that the last connection sent.</summary>
    public int? SentExitCode { get; private set; }

    /// <summary>The next connection, from the program's side.</summary>
    public async Task<PipePair> AcceptAsync() => await _connections.Reader.ReadAsync().AsTask().WaitAsync(TestTimeout.Wait);

    public static async Task WriteAsync(PipePair connection, params string[] lines)
    {
        foreach (string line in lines) await connection.WriteAsync(Encoding.UTF8.GetBytes(line + "\n"));
    }

    public override Task<Stream> ConnectAsync(CancellationToken cancellation)
    {
        var (near, far) = PipePair.Create();
        _connections.Writer.TryWrite(far);
        return Task.FromResult<Stream>(near);
    }

    public override Task<string?> FindEndAsync(int? exitCode, CancellationToken cancellation)
    {
        SentExitCode = exitCode;
        return EndError is { } error ? Task.FromException<string?>(error) : Task.FromResult(End);
    }
}
