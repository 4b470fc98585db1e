namespace Samovar.Stress.Races;

/// <summary>One operation that a token can cancel while what it waits for comes: cancelled must mean that it did not happen.</summary>
/// <param name="Name">The operation.</param>
/// <param name="SetUp">Builds what it works on, in the state in which it waits.</param>
internal sealed record CancelRace(string Name, Func<RaceSetup> SetUp)
{
    public override string ToString() => Name;
}

/// <summary>What one race works on. It serves round after round.</summary>
internal sealed class RaceSetup : IAsyncDisposable
{
    /// <summary>Begins the operation, which then waits.</summary>
    public required Func<CancellationToken, Task> Begin { get; init; }

    /// <summary>Makes the operation's condition true.</summary>
    public required Action Succeed { get; init; }

    /// <summary>Whether the operation ends when it is cancelled, without <see cref="Succeed"/>. False if the cancellation is carried out by a thread that
    /// is busy until then.</summary>
    public bool EndsWhenCancelled { get; init; } = true;

    /// <summary>After the end of the operation, before the look at its effect: waits for what else the round has started.</summary>
    public Func<Task> Settle { get; init; } = static () => Task.CompletedTask;

    /// <summary>After the end: whether the operation has had its effect, as the object itself shows it. Makes everything ready for the next round.</summary>
    public required Func<bool> HasHappened { get; init; }

    /// <summary>Stops whatever still runs after the race.</summary>
    public Func<Task> End { get; init; } = static () => Task.CompletedTask;

    /// <summary>What to dispose after that.</summary>
    public IDisposable[] Owned { get; init; } = [];

    /// <summary>A blocking operation, on a thread of its own; returns when that thread is about to begin.</summary>
    public static Func<CancellationToken, Task> Blocking(Action<CancellationToken> operation) => token =>
    {
        using var begins = new ManualResetEventSlim();
        var running = Task.Factory.StartNew(
            () =>
            {
                begins.Set();
                operation(token);
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        begins.Wait(CancellationToken.None);
        return running;
    };

    public async ValueTask DisposeAsync()
    {
        await End().ConfigureAwait(false);
        foreach (var owned in Owned) owned.Dispose();
    }
}

/// <summary>How the rounds of a race ended.</summary>
/// <param name="Canceled">Rounds in which the operation was cancelled.</param>
/// <param name="Succeeded">Rounds in which it succeeded.</param>
/// <param name="Broken">Rounds in which the end and the effect disagree, in words.</param>
internal sealed record RaceCount(int Canceled, int Succeeded, IReadOnlyList<string> Broken);
