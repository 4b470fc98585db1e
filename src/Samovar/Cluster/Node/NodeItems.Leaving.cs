namespace Samovar.Cluster.Node;

/// <content>What is lost, repeated, dropped or given to other nodes.</content>
internal sealed partial class NodeItems
{
    /// <summary>Drops all attempts of an owner that does not exist any more. Returns those that run, which the caller stops.</summary>
    public List<NodeItem> DropOwner(Func<NodeItem, bool> isOfOwner)
    {
        List<NodeItem> running = [];
        lock (_gate)
        {
            foreach (var item in _known.Values.Where(isOfOwner).ToList())
            {
                if (item.State == NodeItemState.Running)
                {
                    item.IsStopRequested = true;
                    running.Add(item);
                    continue;
                }

                if (item.State == NodeItemState.Claimed) _active--;
                RemoveLocked(item);
            }
        }

        Claim();
        _node.NoteLoad();
        return running;
    }

    /// <summary>Called when the connection was interrupted: the broker delivers what is held again.</summary>
    public void DropLost()
    {
        lock (_gate)
        {
            foreach (var item in _known.Values.Where(static item => item.State == NodeItemState.Held && item.Bundles.TrueForAll(static bundle => bundle.Delivery.IsLost)).ToList())
                RemoveLocked(item);
        }
    }

    /// <summary>Repeats what may have been lost: claims and outcomes without an answer. Reports to each owner what runs here for it.</summary>
    /// <param name="age">For how long there was no answer.</param>
    public void Repeat(TimeSpan age)
    {
        DropSilent();
        KeepNothingForLong();
        List<NodeItem> claimed, reported, running;
        lock (_gate)
        {
            bool IsOverdue(NodeItem item) => _node.Time.GetElapsedTime(item.SentAt) >= age;
            claimed = [.. _known.Values.Where(item => item.State == NodeItemState.Claimed && IsOverdue(item))];
            reported = [.. _known.Values.Where(item => item.State == NodeItemState.Reported && IsOverdue(item))];
            running = [.. _known.Values.Where(static item => item.State is NodeItemState.Running or NodeItemState.Reported)];
            foreach (var item in reported) item.SentAt = _node.Time.GetTimestamp();
        }

        SendClaims(claimed);
        foreach (var item in reported) _node.Report(item, item.Result!);
        _node.SendRunning(running);
        Claim();
    }

    /// <summary>Acknowledges the messages of attempts that run for long, and gives those that wait for long to the queue again, because a broker takes
    /// back what is not acknowledged in time. The owner of an attempt that runs has permitted it and watches over this node, so it needs no message.</summary>
    private void KeepNothingForLong()
    {
        List<NodeItem> waiting;
        lock (_gate)
        {
            bool IsOld(NodeItem item) => item.Bundles.Exists(bundle => !bundle.Delivery.IsLost && _node.Time.GetElapsedTime(bundle.ReceivedAt) >= _node.HoldLimit);
            foreach (var item in _known.Values.Where(item => item.State == NodeItemState.Running && IsOld(item))) SettleLocked(item);
            waiting = [.. _known.Values.Where(item => item.State == NodeItemState.Held && IsOld(item))];
            foreach (var item in waiting) item.State = NodeItemState.Forwarding;
            _heldCount -= waiting.Count;
        }

        if (waiting.Count > 0) _node.Forward(waiting, 1);
    }

    /// <summary>Drops what waits for owners that are silent, and cancels what runs for those that are lost.</summary>
    private void DropSilent()
    {
        List<NodeItem> dropped = [], abandoned = [];
        lock (_gate)
        {
            foreach (var item in _known.Values.Where(item => _node.IsSilent(item.Message.Owner)).ToList())
            {
                switch (item.State)
                {
                    case NodeItemState.Held:
                        _heldCount--;
                        item.State = NodeItemState.Forwarding;
                        dropped.Add(item);
                        break;
                    case NodeItemState.Waiting:
                        _resources.Release(item);
                        item.State = NodeItemState.Forwarding;
                        dropped.Add(item);
                        break;
                    case NodeItemState.Claimed:
                        _active--;
                        _resources.Release(item);
                        item.State = NodeItemState.Forwarding;
                        dropped.Add(item);
                        break;
                    case NodeItemState.Running when _node.IsLost(item.Message.Owner):
                        item.IsStopRequested = true;
                        abandoned.Add(item);
                        break;
                    case NodeItemState.Reported:
                        RemoveLocked(item); // the outcome is in the owner's reply box
                        break;
                }
            }
        }

        _node.Drop(dropped);
        foreach (var item in abandoned) _node.Abandon(item);
    }

    /// <summary>Accepts no more attempts: those that are held, and those that still arrive, are for other nodes.</summary>
    public void BeginDrain()
    {
        List<NodeItem> waiting;
        lock (_gate)
        {
            _isDraining = true;
            waiting = TakeWaitingLocked();
            foreach (var item in _known.Values.Where(static item => item.State == NodeItemState.Held)) item.State = NodeItemState.Forwarding;
            _heldCount = 0;
        }

        _node.Drop(waiting);
    }

    /// <summary>Returns the attempts for other nodes.</summary>
    public List<NodeItem> FindForOthers()
    {
        lock (_gate) return [.. _known.Values.Where(static item => item.State == NodeItemState.Forwarding && item.Entry.Requires is null)];
    }

    /// <summary>Keeps attempts that could not be given to other nodes.</summary>
    public void HoldAgain(IEnumerable<NodeItem> items)
    {
        lock (_gate)
        {
            foreach (var item in items)
            {
                if (item.State == NodeItemState.Forwarding && _known.TryGetValue(item.Key, out var current) && current == item && !_isDraining) HoldLocked(item);
            }
        }

        Claim();
    }

    /// <summary>Forgets an attempt that was given to other nodes.</summary>
    public void Forwarded(NodeItem item)
    {
        lock (_gate) RemoveLocked(item);
    }

    /// <summary>Returns the attempts that run.</summary>
    public List<NodeItem> FindAllRunning()
    {
        lock (_gate) return [.. _known.Values.Where(static item => item.State == NodeItemState.Running)];
    }

    /// <summary>Completes when the node has no attempt.</summary>
    public Task WhenEmptyAsync()
    {
        lock (_gate)
        {
            if (_known.Count == 0) return Task.CompletedTask;
            return (_empty ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }
}
