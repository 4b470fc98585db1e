using Samovar.Processes.Launch;

namespace Samovar.Processes.Platform;

/// <summary>All that the operating system needs to start a process.</summary>
internal sealed record ProcessStartSpec
{
    /// <summary>The program's full path.</summary>
    public required string FileName { get; init; }

    /// <summary>Without the program's own name.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>All of its environment; nothing is inherited beyond it.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>See <see cref="WorkerStartOptions.Niceness"/>.</summary>
    public int Niceness { get; init; }

    /// <summary>See <see cref="WorkerStartOptions.ProcessorAffinity"/>.</summary>
    public IReadOnlyList<int> ProcessorAffinity { get; init; } = [];

    /// <summary>Gets all that it writes; what nobody wants is drained all the same.</summary>
    public OutputReceived? Output { get; init; }

    /// <inheritdoc cref="WorkerStartOptions.Backlog"/>
    public OutputBacklog? Backlog { get; init; }

    /// <summary>Called once when it has ended, on a thread that serves all processes: be quick, and do not throw.</summary>
    public Action<ProcessExit>? Ended { get; init; }
}
