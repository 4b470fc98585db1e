using System.Runtime.CompilerServices;

namespace Samovar.Cli.Map.Inputs;

/// <summary>Reads an input on a thread of its own, some way ahead, and gives its items to the map.</summary>
/// <remarks>A pipe that nobody writes to holds its reader for ever. Only this thread waits there; a map that is stopped leaves it
/// behind and ends. Whatever has been read when the map asks is handed on at once: no item waits for the next line.</remarks>
internal sealed class ItemStream
{
    private const int Ahead = 8 * 1024;

    private readonly object _gate = new();
    private List<InputItem> _read = []; // gate
    private TaskCompletionSource? _wanted; // gate: the map waits for an item, or the end
    private bool _isOver; // gate
    private bool _isLeft; // gate: the map takes no more
    private Exception? _error; // gate: what it is over with

    private ItemStream()
    {
    }

    /// <param name="items">What to read.</param>
    /// <param name="stop">Ends the stream before the next item, without an error.</param>
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

    /// <summary>Waits for items, and takes all there are; null at the end.</summary>
    /// <param name="spent">The list of the last time, to be filled again.</param>
    /// <param name="stop">Ends the wait as the end of the input does.</param>
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
                    if (_error is not null) throw _error; // the map meets it after all that came before
                    return null;
                }

                _wanted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                more = _wanted.Task;
            }

            await more.WaitAsync(stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // the loop looks why it was woken
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
