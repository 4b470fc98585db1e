namespace Samovar.Ipc.Waiting;

/// <summary>The position of an asynchronous wait among those of this process at the same signal.</summary>
internal enum WaitOrder
{
    /// <summary>Unordered: the wait looks at each wake-up, and no other wait depends on it.</summary>
    None,

    /// <summary>Behind earlier waits that take. The wait takes nothing itself, so no other wait waits for it: two such waits that yielded to each
    /// other would both complete without taking anything, and start again indefinitely.</summary>
    Looks,

    /// <summary>In order: the wait's look takes what it finds, and waits that take are served in the order of arrival.</summary>
    Takes,
}
