using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Samovar.Diagnostics.Watching.Requests;

/// <summary>Answers the requests of a watcher that wait for the broker of a cluster: a few at a time, so that the other requests need not wait for them.
/// Thread-safe.</summary>
/// <param name="allowsCommands">Whether the watcher may change something.</param>
/// <param name="send">Sends a reply to the watcher.</param>
internal sealed class MemberRequests(bool allowsCommands, Action<Action<Utf8JsonWriter>> send)
{
    private const int Most = 16;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(8);

    private readonly CancellationTokenSource _ending = new();
    private int _count; // Interlocked

    /// <summary>Begins a request; returns false if its kind is another one.</summary>
    public bool TryBegin(JsonElement document)
    {
        if (MemberRequest.Read(document) is not { } request) return false;
        if (request.What == "settle" && !allowsCommands) Reply(request, MemberRequest.Error("'settle' is a command, and this watcher may only read."));
        else if (Interlocked.Increment(ref _count) <= Most) _ = AnswerAsync(request);
        else Reply(request, MemberRequest.Error($"{Most} requests of this watcher wait for the broker already."), isCounted: true);
        return true;
    }

    /// <summary>Ends the requests that wait.</summary>
    public void End() => _ending.Cancel();

    [SuppressMessage("Design", "CA1031", Justification = "The error is sent to the watcher; it must not terminate the watched process.")]
    private async Task AnswerAsync(MemberRequest request)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // the caller reads the next request
        Action<Utf8JsonWriter> members;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token);
        limit.CancelAfter(s_patience);
        try
        {
            members = await request.RunAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            members = MemberRequest.Error($"The broker did not answer within {s_patience.TotalSeconds:0} seconds: is the connection interrupted?");
        }
        catch (Exception error)
        {
            members = MemberRequest.Error(error.Message);
        }

        Reply(request, members, isCounted: true);
    }

    private void Reply(MemberRequest request, Action<Utf8JsonWriter> members, bool isCounted = false)
    {
        if (isCounted) Interlocked.Decrement(ref _count);
        try
        {
            send(json =>
            {
                json.WriteStartObject();
                json.WriteNumber("reply"u8, request.Number);
                members(json);
                json.WriteEndObject();
            });
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            // The watcher has disconnected.
        }
    }
}
