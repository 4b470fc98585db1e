namespace Samovar.Executors.Actors;

/// <summary>Refuses the options that calls of actors cannot have.</summary>
internal static class CallRules
{
    /// <exception cref="ArgumentException">The options have a retry policy, a priority or requirements.</exception>
    public static void Check(TaskOptions options, string actor, string executor)
    {
        if (options.Retry is not null)
            throw new ArgumentException($"A call of actor '{actor}' has a retry policy. Calls run in order and are not repeated; catch the error and call again.", nameof(options));
        if (options.Priority != TaskPriority.Normal)
            throw new ArgumentException($"A call of actor '{actor}' has the priority {options.Priority}. Calls run in order; leave the priority out.", nameof(options));
        if (options.RequiredAmounts is { } amounts)
            throw new ArgumentException($"A call of actor '{actor}' requires resources ({amounts}). Actors have none; let a task of '{executor}' require them.", nameof(options));
    }

    /// <summary>Creates the error of a member that a call of the actor itself uses, and that would wait for that call.</summary>
    public static InvalidOperationException InOwnCall(string actor, string executor, string what) => new(
        $"Actor '{actor}' of '{executor}' {what} by one of its own calls, which would wait for itself. " +
        "Call the method on the instance directly, or call the actor from other code.");
}
