using Samovar.Executors.Scheduling;

namespace Samovar;

/// <summary>Runs work at once, on the thread that submits it: for debugging, and for tests of code that takes an
/// <see cref="Executor"/>.</summary>
/// <remarks>
/// <para>When <c>Submit</c> returns the task has ended; asynchronous work and the delays between attempts are waited for. Nothing is
/// ever queued, so priorities have no effect. Timeouts trip the token; work that ignores it holds the caller until it
/// ends.</para>
/// <para>Each calling thread runs its own tasks; submits from several threads run at the same time.</para>
/// </remarks>
public sealed class InlineExecutor : Executor
{
    private static int s_built;

    /// <summary>Builds an executor.</summary>
    public InlineExecutor()
        : this(new InlineExecutorOptions())
    {
    }

    /// <summary>Builds an executor.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is null.</exception>
    public InlineExecutor(InlineExecutorOptions options)
        : base(new InlineScheduler(Validated(options), options.Name ?? $"{nameof(InlineExecutor)}-{Interlocked.Increment(ref s_built)}"))
    {
    }

    private static InlineExecutorOptions Validated(InlineExecutorOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options;
    }
}
