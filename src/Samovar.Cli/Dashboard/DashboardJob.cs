using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Samovar.Cli.Attaching;
using Samovar.Dashboard.Standalone;

namespace Samovar.Cli.Dashboard;

/// <summary>Runs <c>samovar dashboard</c>.</summary>
/// <param name="pid">The process to show.</param>
/// <param name="port">The port; 0 for a free one.</param>
/// <param name="allowsCommands">Whether viewers may change something.</param>
/// <param name="showsArguments">Whether viewers see previews of the arguments of tasks.</param>
/// <param name="opensBrowser">Whether to open the link in the browser.</param>
internal sealed class DashboardJob(int pid, int port, bool allowsCommands, bool showsArguments, bool opensBrowser)
{
    /// <summary>Serves the dashboard until the user stops it.</summary>
    /// <exception cref="UsageException">The process cannot be watched, or the port is in use.</exception>
    public async Task<int> RunAsync(CancellationToken stop)
    {
        TargetProcess.Require(pid, "dashboard");
        WebFramework.Load();
        using var process = new WatchedProcess(pid, allowsCommands, showsArguments);
        try
        {
            await (await process.ConnectAsync(stop)).DisposeAsync(); // so that an error is reported here, before there is a page
        }
        catch (NoAnswerException why)
        {
            throw new UsageException(why.Message, ExitCode.NoAnswer);
        }

        return await ServeAsync(process, stop);
    }

    // Not in line: the types of ASP.NET Core can be loaded only now.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private async Task<int> ServeAsync(WatchedProcess process, CancellationToken stop)
    {
        DashboardServer server;
        try
        {
            server = await DashboardServer.StartAsync(process, port, allowsCommands, stop);
        }
        catch (Exception error) when (error is IOException or SocketException)
        {
            throw new UsageException($"port {port} cannot be used ({error.Message}). Choose another one, or leave out --port for a free one.");
        }

        await using (server)
        {
            await Console.Out.WriteLineAsync($"The dashboard of process {pid}: {server.Link}");
            await Console.Out.WriteLineAsync("The link works once, on this machine. Press Ctrl-C to stop.");
            if (opensBrowser) Browser.Open(server.Link);
            await Console.Out.WriteLineAsync($"{await process.WhenEnded.WaitAsync(stop)} The page keeps the last picture until you press Ctrl-C.");
            await Task.Delay(Timeout.Infinite, stop);
            return ExitCode.Success;
        }
    }
}
