using System.Globalization;
using System.Net.Sockets;
using Samovar.Cli.Attaching;
using Samovar.Dashboard.Watches;

namespace Samovar.Cli.Dashboard;

/// <summary>Another process of this user, watched through its diagnostic port.</summary>
internal sealed class WatchedProcess : WatchedProgram, IDisposable
{
    private const int Rate = 4; // pictures a second

    private readonly int _pid;
    private readonly bool _allowsCommands;
    private readonly bool _showsArguments;
    private readonly ProcessExit _exit;
    private readonly TaskCompletionSource<string> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public WatchedProcess(int pid, bool allowsCommands, bool showsArguments)
    {
        _pid = pid;
        _allowsCommands = allowsCommands;
        _showsArguments = showsArguments;
        _exit = ProcessExit.Of(pid);
    }

    /// <summary>Completes with a sentence when the process has exited or was killed.</summary>
    public Task<string> WhenEnded => _ended.Task;

    /// <exception cref="NoAnswerException">The process has no executors, or did not respond.</exception>
    public override async Task<Stream> ConnectAsync(CancellationToken cancellation)
    {
        string arguments = string.Create(CultureInfo.InvariantCulture, $"watch={Rate};commands={(_allowsCommands ? 1 : 0)};arguments={(_showsArguments ? 1 : 0)}");
        var socket = await TimedAnswer.OfAsync(_pid, outOfTime => InspectionSession.ConnectAsync(_pid, arguments, outOfTime), cancellation);
        return new NetworkStream(
            socket ?? throw new NoAnswerException($"process {_pid} is a .NET program without Samovar executors, or has not created one yet."), ownsSocket: true);
    }

    public override async Task<string?> FindEndAsync(int? exitCode, CancellationToken cancellation)
    {
        var said = exitCode is { } code ? new WatchEnd(code) : null;
        if (await _exit.DescribeAsync(said, cancellation) is not { } how) return null;
        string sentence = $"Process {_pid} {how}.";
        _ended.TrySetResult(sentence);
        return sentence;
    }

    public void Dispose() => _exit.Dispose();
}
