using Samovar.Ipc;

namespace Samovar.Stress.Races;

/// <summary>Putting and taking: queues between processes, pipes, queues of one process; each in its blocking and its asynchronous form.</summary>
internal static class QueueRaces
{
    public static IEnumerable<CancelRace> All =>
    [
        new("ProcessQueue.Put", static () => PutInto(new ProcessQueue<int>(1), static (queue, token) => RaceSetup.Blocking(t => queue.Put(1, t))(token), 0)),
        new("ProcessQueue.Writer.WriteAsync", static () => PutInto(new ProcessQueue<int>(1), static (queue, token) => queue.Writer.WriteAsync(1, token).AsTask(), 0)),
        new("ProcessQueue.Writer.WriteAsync of strings", static () => PutInto(new ProcessQueue<string>(1), static (queue, token) => queue.Writer.WriteAsync("new", token).AsTask(), "old")),
        new("ProcessQueue.PutMany", static () => PutInto(new ProcessQueue<int>(1), static (queue, token) => RaceSetup.Blocking(t => queue.PutMany([1], t))(token), 0)),
        new("ProcessQueue.Take", static () => TakeFrom(new ProcessQueue<int>(1), static (queue, token) => RaceSetup.Blocking(t => queue.Take(t))(token), 1)),
        new("ProcessQueue.TakeMany", static () => TakeFrom(new ProcessQueue<int>(1), static (queue, token) => RaceSetup.Blocking(t => queue.TakeMany(new int[1], t))(token), 1)),
        new("ProcessQueue.Reader.ReadAsync", static () => TakeFrom(new ProcessQueue<int>(1), static (queue, token) => queue.Reader.ReadAsync(token).AsTask(), 1)),
        new("ProcessQueue.Reader.ReadAsync of strings", static () => TakeFrom(new ProcessQueue<string>(1), static (queue, token) => queue.Reader.ReadAsync(token).AsTask(), "new")),
        new("ProcessPipeSender.Send", static () => Send(static (sender, token) => RaceSetup.Blocking(t => sender.Send(1, t))(token))),
        new("ProcessPipeSender.WriteAsync", static () => Send(static (sender, token) => sender.WriteAsync(1, token).AsTask())),
        new("ProcessPipeReceiver.Receive", static () => Receive(static (receiver, token) => RaceSetup.Blocking(t => receiver.Receive(t))(token))),
        new("ProcessPipeReceiver.ReadAsync", static () => Receive(static (receiver, token) => receiver.ReadAsync(token).AsTask())),
        new("AsyncQueue.PutAsync", AsyncPut),
        new("AsyncQueue.TakeAsync", AsyncTake),
    ];

    private static RaceSetup PutInto<T>(ProcessQueue<T> queue, Func<ProcessQueue<T>, CancellationToken, Task> put, T first)
    {
        queue.TryPut(first);
        return new RaceSetup
        {
            Begin = token => put(queue, token),
            Succeed = () => queue.TryTake(out _),
            HasHappened = () =>
            {
                bool isThere = queue.TryTake(out _);
                queue.TryPut(first);
                return isThere;
            },
            Owned = [queue],
        };
    }

    private static RaceSetup TakeFrom<T>(ProcessQueue<T> queue, Func<ProcessQueue<T>, CancellationToken, Task> take, T item) => new()
    {
        Begin = token => take(queue, token),
        Succeed = () => queue.TryPut(item),
        HasHappened = () => !queue.TryTake(out _),
        Owned = [queue],
    };

    private static RaceSetup Send(Func<ProcessPipeSender<int>, CancellationToken, Task> send)
    {
        var (sender, receiver) = ProcessPipe.CreateOneWay<int>(new ProcessPipeOptions { Capacity = 1 });
        sender.TrySend(0, TimeSpan.Zero);
        return new RaceSetup
        {
            Begin = token => send(sender, token),
            Succeed = () => receiver.TryReceive(out _, TimeSpan.Zero),
            HasHappened = () =>
            {
                bool isThere = receiver.TryReceive(out _, TimeSpan.Zero);
                sender.TrySend(0, TimeSpan.Zero);
                return isThere;
            },
            Owned = [sender, receiver],
        };
    }

    private static RaceSetup Receive(Func<ProcessPipeReceiver<int>, CancellationToken, Task> receive)
    {
        var (sender, receiver) = ProcessPipe.CreateOneWay<int>(new ProcessPipeOptions { Capacity = 1 });
        return new RaceSetup
        {
            Begin = token => receive(receiver, token),
            Succeed = () => sender.TrySend(1, TimeSpan.Zero),
            HasHappened = () => !receiver.TryReceive(out _, TimeSpan.Zero),
            Owned = [sender, receiver],
        };
    }

    private static RaceSetup AsyncPut()
    {
        var queue = new AsyncQueue<int>(1);
        queue.TryPut(0);
        return new RaceSetup
        {
            Begin = token => queue.PutAsync(1, token).AsTask(),
            Succeed = () => queue.TryTake(out _),
            HasHappened = () =>
            {
                bool isThere = queue.TryTake(out _);
                queue.TryPut(0);
                return isThere;
            },
        };
    }

    private static RaceSetup AsyncTake()
    {
        var queue = new AsyncQueue<int>(1);
        return new RaceSetup
        {
            Begin = token => queue.TakeAsync(token).AsTask(),
            Succeed = () => queue.TryPut(1),
            HasHappened = () => !queue.TryTake(out _),
        };
    }
}
