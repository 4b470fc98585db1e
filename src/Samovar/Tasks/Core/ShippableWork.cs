namespace Samovar.Tasks.Core;

/// <summary>The work of a task as one delegate that can be sent to another process.</summary>
/// <param name="Work">The delegate. Its type is exactly the one for the kind and the result type.</param>
/// <param name="Kind">How the delegate is called.</param>
/// <param name="BringsResult">Whether the delegate returns a result.</param>
/// <param name="Shared">The part that the executor has already captured, see <see cref="RemoteExecutorCore.Share"/>; null for none.</param>
internal readonly record struct ShippableWork(Delegate Work, DelegateKind Kind, bool BringsResult, ExecutorSharedWork? Shared = null)
{
    /// <summary>The kept result that the work takes: it can only be sent to the worker that has it. Null for none.</summary>
    public KeptPlace? Place { get; init; }

    /// <summary>Converts the delegate to exactly the given type. Variance permits a <c>Func&lt;string&gt;</c> where a
    /// <c>Func&lt;object&gt;</c> is expected, whose result would then be deserialized as another type than it was serialized as.</summary>
    public static Delegate Exact<TDelegate>(Delegate work)
        where TDelegate : Delegate
    {
        if (work.GetType() == typeof(TDelegate)) return work;
        if (work.HasSingleTarget) return Rebind(work);
        return Delegate.Combine([.. work.GetInvocationList().Select(Rebind)])!;

        static Delegate Rebind(Delegate part) => Delegate.CreateDelegate(typeof(TDelegate), part.Target, part.Method);
    }
}
