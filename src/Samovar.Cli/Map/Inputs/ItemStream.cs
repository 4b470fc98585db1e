using System.Runtime.CompilerServices;

namespace Samovar.Cli.Map.Inputs;

/// <summary>Reads an input ahead on a thread of its own, and passes the items to the map.</summary>
/// <remarks>Reading from a pipe without a writer's data blocks indefinitely. Only this thread blocks; a map that is stopped abandons it and
/// returns. The map receives all items that have been read so far at once: no item waits for the next line.</remarks>
internal sealed class ItemStream
{
    private const int Ahead = 8 * 1024;

    private readonly object _gate = new();
    private List<InputItem> _read = []; // gate
    private TaskCompletionSource? _wanted; // gate: completed when an item, or the end, is available
    private bool _isOver; // gate
    private bool _isLeft; // gate: the map takes no more items
    private Exception? _error; // gate: the error that the map receives at the end

    private ItemStream()
    {
    }

    /// <param name="items">The items to read.</param>
    /// <param name="stop">Stops the stream before the next item, without an error.</param>
    public static async IAsyncEnumerable<InputItem> ReadAsync(IEnumerable<InputItem> items, [EnumeratorCancellation] CancellationToken stop)
    {
        var stream = new ItemStream();
        new Thread(() => stream.Read(items)) { IsBackground = true, Name = "samovar map input" }.Start();
        try
        {
            List<InputItem> block = [];
            while (await stream.TakeAsync(block, stop) is { } taken)
            {
                block = taken;
                foreach (InputItem item in block)
                {
                    if (stop.IsCancellationRequested) yield break;
                    yield return item;
                }
            }
        }
        finally
        {
            stream.Leave();
        }
    }

    /// <summary>Waits for items, and returns all that have been read; null at the end.</summary>
    /// <param name="spent">The list returned by the previous call, for reuse.</param>
    /// <param name="stop">Completes the wait with null.</param>
    private async ValueTask<List<InputItem>?> TakeAsync(List<InputItem> spent, CancellationToken stop)
    {
        spent.Clear();
        while (!stop.IsCancellationRequested)
        {
            Task more;
            lock (_gate)
            {
                if (_read.Count > 0)
                {
                    List<InputItem> taken = _read;
                    _read = spent;
                    if (taken.Count >= Ahead) Monitor.Pulse(_gate);
                    return taken;
                }

                if (_isOver)
                {
                    if (_error is not null) throw _error; // the map receives the error after all earlier items
                    return null;
                }

                _wanted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                more = _wanted.Task;
            }

            await more.WaitAsync(stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // the loop checks why it was woken
        }

        return null;
    }

    private void Read(IEnumerable<InputItem> items)
    {
        Exception? broken = null;
        try
        {
            foreach (InputItem item in items)
            {
                if (!Add(item)) return;
            }
        }
        catch (Exception error)
        {
            broken = error;
        }

        TaskCompletionSource? wanted;
        lock (_gate)
        {
            _isOver = true;
            _error = broken;
            wanted = _wanted;
        }

        wanted?.TrySetResult();
    }

    private bool Add(in InputItem item)
    {
        TaskCompletionSource? wanted;
        lock (_gate)
        {
            while (_read.Count >= Ahead && !_isLeft) Monitor.Wait(_gate);
            if (_isLeft) return false;
            _read.Add(item);
            wanted = _wanted;
            _wanted = null;
        }

        wanted?.SetResult();
        return true;
    }

    private void Leave()
    {
        lock (_gate)
        {
            _isLeft = true;
            Monitor.Pulse(_gate);
        }
    }
}
