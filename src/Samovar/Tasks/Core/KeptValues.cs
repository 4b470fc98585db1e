using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Samovar.Tasks.Core;

/// <summary>The results that one worker keeps, by the number of the task that made each. Thread-safe.</summary>
internal sealed class KeptValues
{
    private static readonly ConditionalWeakTable<WorkerIdentity, KeptValues> s_all = [];

    private readonly Lock _gate = new();
    private readonly Dictionary<long, object?> _values = [];

    /// <summary>The values of the worker that runs the calling task.</summary>
    public static KeptValues OfRunning => RunningTask.Current?.Worker is { } worker
        ? Of(worker)
        : throw new InvalidOperationException("A kept result was requested outside a task.");

    public static KeptValues Of(WorkerIdentity worker) => s_all.GetOrCreateValue(worker);

    public void Put(long number, object? value)
    {
        lock (_gate)
        {
            _values[number] = value;
            CheckInvariantsLocked();
        }
    }

    public object? Get(long number)
    {
        lock (_gate)
        {
            return _values.TryGetValue(number, out object? value)
                ? value
                : throw new KeptResultLostException($"The worker no longer has the result of task {number}, which it was to keep.");
        }
    }

    public void Drop(long number)
    {
        lock (_gate)
        {
            _values.Remove(number);
            CheckInvariantsLocked();
        }
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(_gate.IsHeldByCurrentThread, "the gate guards the values");
        Debug.Assert(!_values.ContainsKey(0), "tasks are numbered from 1");
    }
}
