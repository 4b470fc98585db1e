using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Samovar.Benchmarks.Contestants;

namespace Samovar.Benchmarks.SideBySide;

/// <summary>A running contestant: a process that returns one figure for each request, and sleeps in between.</summary>
/// <remarks>It exits at the end of its stdin. If it does not exit within <see cref="s_farewell"/>, or has not returned a requested figure, it is
/// killed with all processes it has started.</remarks>
internal sealed class ContestantProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(5);
    private readonly Process _process;
    private readonly Task<string> _said;
    private bool _isLost;

    private ContestantProcess(Peer peer, Process process)
    {
        Peer = peer;
        _process = process;
        _said = process.StandardError.ReadToEndAsync();
    }

    public Peer Peer { get; }

    /// <summary>Starts a contestant.</summary>
    /// <exception cref="MissingPeerException">The contestant's program is not installed.</exception>
    public static ContestantProcess Start(Peer peer, string id, double scale, IReadOnlyDictionary<string, string> environment)
    {
        string[] words = peer.Start(id, scale);
        var start = new ProcessStartInfo(words[0], words[1..])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        try
        {
            return new(peer, Process.Start(start)!);
        }
        catch (Win32Exception error)
        {
            throw new MissingPeerException($"{words[0]} cannot be started: {error.Message}");
        }
    }

    /// <summary>Requests a figure.</summary>
    /// <exception cref="MissingPeerException">Something that the contestant needs is not installed.</exception>
    /// <exception cref="ContestantFailedException">The contestant failed or timed out.</exception>
    public async Task<ContestantReply> RequestAsync(double x, TimeSpan patience, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(patience);
        string? line;
        try
        {
            _isLost = true;
            await _process.StandardInput.WriteLineAsync(x.ToString(CultureInfo.InvariantCulture).AsMemory(), limit.Token);
            await _process.StandardInput.FlushAsync(limit.Token);
            line = await _process.StandardOutput.ReadLineAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new ContestantFailedException($"returned no figure within {patience.TotalSeconds:0} s");
        }
        catch (IOException)
        {
            line = null; // the process has exited; the reason is read below
        }

        if (line is null) throw new ContestantFailedException(await LastWordsAsync());
        _isLost = false;
        ContestantReply answer;
        try
        {
            answer = JsonSerializer.Deserialize<ContestantReply>(line, JsonSerializerOptions.Web)!;
        }
        catch (JsonException)
        {
            throw new ContestantFailedException($"returned '{line}'");
        }

        if (answer.Missing is { } missing) throw new MissingPeerException(missing);
        if (answer.Error is { } error) throw new ContestantFailedException(error);
        return answer.Value > 0 ? answer : throw new ContestantFailedException($"returned '{line}'");
    }

    /// <summary>Stops the process, and waits until it has exited.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_isLost)
        {
            try
            {
                _process.StandardInput.Close();
                await _process.WaitForExitAsync().WaitAsync(s_farewell);
            }
            catch (Exception e) when (e is IOException or TimeoutException)
            {
                // The process has exited already, or it hangs and is killed below.
            }
        }

        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task<string> LastWordsAsync()
    {
        if (!_process.WaitForExit(s_farewell)) return "closed its output";
        string said = await _said;
        return $"exited with code {_process.ExitCode}{(said.Length > 0 ? $": {said.Trim().Split('\n')[^1]}" : "")}";
    }
}
