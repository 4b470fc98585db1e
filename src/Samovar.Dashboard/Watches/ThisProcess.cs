using System.Diagnostics.CodeAnalysis;
using Samovar.Diagnostics.Watching;

namespace Samovar.Dashboard.Watches;

/// <summary>This process. A connection is a pair of pipes in memory; the session has a thread of its own, as one over a socket has.</summary>
/// <param name="rate">How many pictures it sends a second.</param>
/// <param name="allowsCommands">Whether it accepts commands.</param>
/// <param name="showsArguments">Whether it sends previews of the arguments of tasks.</param>
internal sealed class ThisProcess(int rate, bool allowsCommands, bool showsArguments = false) : WatchedProgram
{
    public override Task<Stream> ConnectAsync(CancellationToken cancellation)
    {
        var (near, far) = PipePair.Create();
        var session = new Thread(() => Run(far)) { IsBackground = true, Name = "Samovar.Dashboard" };
        session.UnsafeStart();
        return Task.FromResult<Stream>(near);
    }

    public override Task<string?> FindEndAsync(int? exitCode, CancellationToken cancellation) => Task.FromResult<string?>(null);

    [SuppressMessage("Design", "CA1031", Justification = "The error is passed to the dashboard; it must not terminate the watched process.")]
    private void Run(PipePair connection)
    {
        using (connection)
        {
            try
            {
                WatchSession.Run(connection, rate, allowsCommands, showsArguments);
            }
            catch (Exception error)
            {
                connection.Fail(error);
            }
        }
    }
}
