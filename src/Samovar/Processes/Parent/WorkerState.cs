namespace Samovar.Processes.Parent;

/// <summary>Where a worker stands in its executor's eyes.</summary>
internal enum WorkerState
{
    /// <summary>Its process exists; it has not answered.</summary>
    Starting,

    /// <summary>It runs the initializer.</summary>
    Initializing,

    /// <summary>It gets work.</summary>
    Ready,

    /// <summary>It stands by, to take the place of one that ends.</summary>
    Spare,

    /// <summary>It gets no more work, and ends when it has done what it has.</summary>
    Retiring,

    /// <summary>It was told to end.</summary>
    Ending,

    /// <summary>It has ended; its channel is unmapped.</summary>
    Gone,
}
