namespace Samovar.Diagnostics.Recording;

/// <summary>What was recorded of one function. Not thread-safe: the <see cref="TaskRecorder"/> guards it, and gives out copies.</summary>
internal sealed class FunctionRecord(string name)
{
    private readonly int[] _outcomes = new int[Enum.GetValues<AttemptOutcome>().Length];

    private FunctionRecord(FunctionRecord other)
        : this(other.Name)
    {
        other._outcomes.CopyTo(_outcomes, 0);
        Run = other.Run.Copy();
        Wait = other.Wait.Copy();
        Shipping = other.Shipping.Copy();
        SentBytes = other.SentBytes;
        Largest = other.Largest;
    }

    public string Name => name;

    /// <summary>How long attempts ran.</summary>
    public TimeHistogram Run { get; } = new();

    /// <summary>How long tasks waited for their first attempt.</summary>
    public TimeHistogram Wait { get; } = new();

    /// <summary>How long it took to ship tasks and their results.</summary>
    public TimeHistogram Shipping { get; } = new();

    /// <summary>The size of the serialized work of the tasks in <see cref="Shipping"/> together.</summary>
    public long SentBytes { get; private set; }

    /// <summary>The largest captured value of the newest large task; null if it is not known.</summary>
    public string? Largest { get; private set; }

    /// <summary>The number of tasks that completed.</summary>
    public int Completed => _outcomes.Sum() - Of(AttemptOutcome.Retried);

    public int Of(AttemptOutcome outcome) => _outcomes[(int)outcome];

    public void Add(in RecordedAttempt attempt)
    {
        _outcomes[(int)attempt.Outcome]++;
        if (attempt.Worker == 0) return;
        Run.Add(attempt.Ran);
        if (attempt.Waited is { } wait) Wait.Add(wait);
        if (attempt.Shipping is not { } shipping) return;
        Shipping.Add(shipping.Time);
        SentBytes += shipping.SentBytes;
        Largest = shipping.Largest ?? Largest;
    }

    public FunctionRecord Copy() => new(this);
}
