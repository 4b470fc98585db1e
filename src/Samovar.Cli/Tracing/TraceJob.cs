using System.Globalization;
using System.Net.Sockets;
using Samovar.Cli.Attaching;

namespace Samovar.Cli.Tracing;

/// <summary>Runs <c>samovar trace</c>: the program writes the trace to a connection, and this process copies it to the file.</summary>
internal static class TraceJob
{
    /// <summary>Records a trace.</summary>
    /// <param name="pid">The program.</param>
    /// <param name="path">The file.</param>
    /// <param name="duration">How long to record; null until the stop is requested or the program exits.</param>
    /// <param name="stop">Requests the end of the trace, which is a success.</param>
    public static async Task<int> RunAsync(int pid, string path, TimeSpan? duration, CancellationToken stop)
    {
        TargetProcess.Require(pid, "trace");
        using var exit = ProcessExit.Of(pid);
        using var connection = await ConnectAsync(pid, stop); // before an existing file is replaced
        await using var file = Create(path);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        if (duration is { } limit) end.CancelAfter(limit);
        // The program writes the rest, and its end, when this side is closed.
        await using var closing = end.Token.UnsafeRegister(static socket => Close((Socket)socket!), connection);
        string until = duration is { } time ? $"for {time.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture)} s, or until" : "until";
        bool isWhole = await CopyAsync(
            connection, file, path, hasBegun: () => Console.Error.WriteLine($"samovar: recording process {pid} into {path}; {until} Ctrl-C or the end of the program."));
        string size = (file.Length / 1e6).ToString("0.0", CultureInfo.InvariantCulture);
        if (isWhole)
        {
            await Console.Error.WriteLineAsync($"samovar: wrote {size} MB to {path}. Open it at https://ui.perfetto.dev or chrome://tracing.");
            return ExitCode.Success;
        }

        string how = await exit.DescribeAsync(null, CancellationToken.None) ?? "closed the connection";
        await Console.Error.WriteLineAsync($"samovar: process {pid} {how}. {path} has the {size} MB that it had written, which viewers can read.");
        return ExitCode.Success;
    }

    private static FileStream Create(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{path} cannot be created: {error.Message}");
        }
    }

    private static async Task<Socket> ConnectAsync(int pid, CancellationToken cancellation)
    {
        try
        {
            return await TimedAnswer.OfAsync(pid, outOfTime => InspectionSession.ConnectAsync(pid, "trace=1", outOfTime), cancellation)
                ?? throw new UsageException($"process {pid} is a .NET program without Samovar executors, or has not created one yet.", ExitCode.NoAnswer);
        }
        catch (NoAnswerException why)
        {
            throw new UsageException(why.Message, ExitCode.NoAnswer);
        }
    }

    private static void Close(Socket connection)
    {
        try
        {
            connection.Shutdown(SocketShutdown.Send);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The program has closed the connection.
        }
    }

    /// <summary>Copies the trace; returns whether it has its end. The program writes the first bytes when it begins to record.</summary>
    private static async Task<bool> CopyAsync(Socket connection, FileStream file, string path, Action hasBegun)
    {
        byte[] part = new byte[64 * 1024];
        byte last = 0, beforeLast = 0;
        while (true)
        {
            int read;
            try
            {
                read = await connection.ReceiveAsync(part);
            }
            catch (SocketException)
            {
                return false; // the program was killed
            }

            if (read == 0) return last == '\n' && beforeLast == ']';
            if (last == 0) hasBegun();
            (beforeLast, last) = (read > 1 ? part[read - 2] : last, part[read - 1]);
            try
            {
                await file.WriteAsync(part.AsMemory(0, read));
            }
            catch (IOException error)
            {
                throw new UsageException($"{path} cannot be written: {error.Message}", ExitCode.OutputLost);
            }
        }
    }
}
