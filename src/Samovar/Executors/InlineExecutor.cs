using Samovar.Executors.Actors;
using Samovar.Executors.Scheduling;

namespace Samovar;

/// <summary>Runs tasks synchronously, on the thread that submits them: for debugging, and for tests of code that takes an
/// <see cref="Executor"/>.</summary>
/// <remarks>
/// <para>When <c>Submit</c> returns, the task has completed; the call waits for asynchronous work and for the delays between attempts.
/// Nothing is ever queued, so priorities have no effect. A timeout cancels the token; work that ignores it blocks the caller until the work
/// returns.</para>
/// <para>Each calling thread runs its own tasks; tasks submitted by several threads run concurrently.</para>
/// </remarks>
/// <example>
/// <code>
/// await using var executor = new InlineExecutor();
/// Future&lt;int> thread = executor.Submit(() => Environment.CurrentManagedThreadId);
/// Console.WriteLine(thread.IsCompleted); // True: Submit has run the work on this thread
/// </code>
/// </example>
public sealed class InlineExecutor : Executor
{
    private static int s_built;

    private readonly InlineExecutorOptions _options;

    /// <summary>Initializes a new executor with the default options.</summary>
    public InlineExecutor()
        : this(new InlineExecutorOptions())
    {
    }

    /// <summary>Initializes a new executor.</summary>
    /// <param name="options">The executor's options.</param>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is null.</exception>
    public InlineExecutor(InlineExecutorOptions options)
        : base(new InlineScheduler(Validated(options), options.Name ?? $"{nameof(InlineExecutor)}-{Interlocked.Increment(ref s_built)}")) => _options = options;

    private protected override ActorHost<T> HostActor<T>(ActorPlan<T> plan) =>
        new LocalActorHost<T>(plan, new InlineScheduler(_options, plan.FullName), new SemaphoreSlim(plan.Options.Concurrency));

    private static InlineExecutorOptions Validated(InlineExecutorOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options;
    }
}
