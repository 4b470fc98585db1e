using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Samovar.Cli.Map.Inputs;

/// <summary>Reads an input on a thread of its own, some blocks ahead, and gives its items to the map.</summary>
/// <remarks>A pipe that nobody writes to holds its reader for ever. Only this thread waits there; a map that is stopped leaves it
/// behind and ends. An item is handed on at once when the map waits for it, and in blocks otherwise.</remarks>
internal static class ItemStream
{
    private const int BlockSize = 1024;
    private const int BlocksAhead = 8;

    /// <param name="items">What to read.</param>
    /// <param name="stop">Ends the stream before the next item, without an error.</param>
    public static async IAsyncEnumerable<InputItem> ReadAsync(IEnumerable<InputItem> items, [EnumeratorCancellation] CancellationToken stop)
    {
        var blocks = Channel.CreateBounded<List<InputItem>>(new BoundedChannelOptions(BlocksAhead) { SingleReader = true, SingleWriter = true });
        new Thread(() => Read(items, blocks, stop)) { IsBackground = true, Name = "samovar map input" }.Start();
        while (await MoreAsync(blocks.Reader, stop))
        {
            while (blocks.Reader.TryRead(out List<InputItem>? block))
            {
                foreach (InputItem item in block)
                {
                    if (stop.IsCancellationRequested) yield break;
                    yield return item;
                }
            }
        }
    }

    private static async ValueTask<bool> MoreAsync(ChannelReader<List<InputItem>> blocks, CancellationToken stop)
    {
        try
        {
            return await blocks.WaitToReadAsync(stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return false; // stopped: nobody wants the rest
        }
    }

    private static void Read(IEnumerable<InputItem> items, Channel<List<InputItem>> blocks, CancellationToken stop)
    {
        try
        {
            var block = new List<InputItem>();
            foreach (InputItem item in items)
            {
                if (stop.IsCancellationRequested) break;
                block.Add(item);
                if (block.Count < BlockSize && blocks.Reader.Count > 0) continue;
                Write(blocks.Writer, block);
                block = new List<InputItem>(block.Count);
            }

            if (block.Count > 0) Write(blocks.Writer, block);
            blocks.Writer.Complete();
        }
        catch (Exception error)
        {
            blocks.Writer.TryComplete(error); // the map meets it after all that came before
        }
    }

    private static void Write(ChannelWriter<List<InputItem>> blocks, List<InputItem> block)
    {
        // This thread has nothing else to do; it is left behind where nobody reads any more.
        if (!blocks.TryWrite(block)) blocks.WriteAsync(block).AsTask().GetAwaiter().GetResult();
    }
}
