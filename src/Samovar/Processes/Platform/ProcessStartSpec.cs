using Samovar.Processes.Launch;

namespace Samovar.Processes.Platform;

/// <summary>Everything that the operating system needs to start a process.</summary>
internal sealed record ProcessStartSpec
{
    /// <summary>The full path of the program.</summary>
    public required string FileName { get; init; }

    /// <summary>The arguments, without the name of the program.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>The complete environment; nothing else is inherited.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>See <see cref="WorkerStartOptions.Niceness"/>.</summary>
    public int Niceness { get; init; }

    /// <summary>See <see cref="WorkerStartOptions.ProcessorAffinity"/>.</summary>
    public IReadOnlyList<int> ProcessorAffinity { get; init; } = [];

    /// <summary>Receives the output of the process; null for no receiver. Output is drained in both cases.</summary>
    public OutputReceived? Output { get; init; }

    /// <inheritdoc cref="WorkerStartOptions.Backlog"/>
    public OutputBacklog? Backlog { get; init; }

    /// <summary>Called once when the process has exited, on a thread that serves all processes: it must be quick, and must not throw.</summary>
    public Action<ProcessExit>? Ended { get; init; }
}
