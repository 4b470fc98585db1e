namespace Samovar.Tasks.Core;

/// <content>A pass over the requests that wait.</content>
internal sealed partial class ResourceLedger
{
    /// <summary>Grants the requests whose turn it is. Returns null if nothing is granted.</summary>
    /// <remarks>A request that is not granted exhausts one of its resources on one source, and its line is not looked at again in the pass; neither is a line
    /// with a resource of which no source has anything left. So a pass looks at the requests that it grants, and at most at one more for each line.</remarks>
    private List<ResourceGrant>? GrantLocked()
    {
        if (_waiting == 0 || _core.IsDiscarding) return null;
        List<ResourceGrant>? granted = null;
        foreach (var source in _sources) source.BeginPass();
        long pass = ++_passes;
        ulong exhausted = ExhaustedLocked(ulong.MaxValue);
        while (NextLocked(pass, exhausted) is { } line)
        {
            var next = line.First!;
            if (FindLocked(next.Request) is { } source)
            {
                LeaveLineLocked(next);
                TakeLocked(next, source);
                (granted ??= []).Add(next);
            }
            else
            {
                line.SkippedIn = pass;
                FindToReserveLocked(next.Request)?.Reserve(next.Request.Parts);
            }

            exhausted |= ExhaustedLocked(next.Request.Set);
        }

        return granted;
    }

    /// <summary>Returns those of some resources of which no source has anything left, one bit each.</summary>
    private ulong ExhaustedLocked(ulong among)
    {
        ulong offered = 0;
        foreach (var source in _sources)
        {
            for (int place = 0; place < _names.Count; place++)
            {
                if (!source.IsExhausted(place)) offered |= 1UL << place;
            }
        }

        return among & ~offered;
    }

    /// <summary>Returns the source on which a request fits, of several the one that claims its tasks and has the smallest load; null if it fits
    /// nowhere.</summary>
    private ResourceSource? FindLocked(ResourceRequest request)
    {
        ResourceSource? best = null;
        foreach (var source in _sources)
        {
            if (!source.HasRoom || !source.Fits(request.Parts) || IsBetterElsewhereLocked(source, request)) continue;
            if (best is null || (source.HasRefused, source.Unclaimed, source.Load).CompareTo((best.HasRefused, best.Unclaimed, best.Load)) < 0) best = source;
        }

        return best;
    }

    /// <summary>Returns the source on which a request that fits nowhere waits: the one that offers the greatest part of it.</summary>
    private ResourceSource? FindToReserveLocked(ResourceRequest request)
    {
        ResourceSource? best = null;
        foreach (var source in _sources)
        {
            if (!source.IsOpen || !source.Has(request.Parts) || IsBetterElsewhereLocked(source, request)) continue;
            if (best is null || source.Share(request.Parts) > best.Share(request.Parts)) best = source;
        }

        return best;
    }

    /// <summary>Whether a node has refused the program, and another one that has the amounts in total has not: the request waits for that one.</summary>
    private bool IsBetterElsewhereLocked(ResourceSource source, ResourceRequest request) =>
        source.HasRefused && _sources.Exists(other => other is { IsOpen: true, HasRefused: false } && other.Has(request.Parts));

    /// <summary>Returns the line whose first request is before those of all others that a pass may still look at; null if the pass has completed.</summary>
    private ResourceLine? NextLocked(long pass, ulong exhausted)
    {
        ResourceLine? best = null;
        foreach (var line in _lines)
        {
            if ((line.Set & exhausted) != 0 || line.SkippedIn == pass || line.First is not { } first) continue;
            if (best is null || first.Comes(before: best.First!)) best = line;
        }

        return best;
    }
}
