namespace Samovar.Dashboard.Watches;

/// <summary>A program that can be watched: this process, or another one.</summary>
internal abstract class WatchedProgram
{
    /// <summary>Opens a connection on which the program speaks the watch protocol. The caller closes it.</summary>
    /// <exception cref="IOException">The program cannot be reached; the message is a sentence for the viewer.</exception>
    public abstract Task<Stream> ConnectAsync(CancellationToken cancellation);

    /// <summary>Returns how the program ended, as a sentence; null if it still runs. Called after a connection was lost.</summary>
    /// <param name="exitCode">The exit code that the program sent before it closed the connection; null if it sent none.</param>
    /// <param name="cancellation">Stops waiting for the end.</param>
    public abstract Task<string?> FindEndAsync(int? exitCode, CancellationToken cancellation);
}
