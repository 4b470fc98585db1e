namespace Samovar.Tasks.Core;

/// <summary>A task's work as one delegate that can be sent elsewhere.</summary>
/// <param name="Work">Its type is exactly the one that kind and result call for.</param>
/// <param name="Kind">How it is called.</param>
/// <param name="BringsResult">Whether a result comes back.</param>
/// <param name="Shared">What of it the executor has already, see <see cref="RemoteExecutorCore.Share"/>; null for nothing.</param>
internal readonly record struct ShippableWork(Delegate Work, DelegateKind Kind, bool BringsResult, ExecutorSharedWork? Shared = null)
{
    /// <summary>Makes the work exact: variance lets a <c>Func&lt;string&gt;</c> pass for a <c>Func&lt;object&gt;</c>, whose result
    /// would then be read as another type than it was written.</summary>
    public static Delegate Exact<TDelegate>(Delegate work)
        where TDelegate : Delegate
    {
        if (work.GetType() == typeof(TDelegate)) return work;
        if (work.HasSingleTarget) return Rebind(work);
        return Delegate.Combine([.. work.GetInvocationList().Select(Rebind)])!;

        static Delegate Rebind(Delegate part) => Delegate.CreateDelegate(typeof(TDelegate), part.Target, part.Method);
    }
}
