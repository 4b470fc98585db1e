using System.Runtime.CompilerServices;

namespace Samovar.Serialization.Wire;

/// <summary>Numbers objects by identity, in the order in which they appear in a message, and stores the plans of pending bodies.</summary>
/// <remarks>Up to sixteen objects are searched linearly, which is faster than hashing; most messages contain fewer.</remarks>
internal sealed class IdentityTable
{
    private const int Linear = 16;
    private const int KeptCapacity = 1 << 14;

    private Entry[] _entries = new Entry[Linear];
    private int[] _buckets = [];
    private bool _hashing;
    private int _count;
    private IdentityTable? _known;
    private int _knownCount;

    public int Count => _count;

    /// <summary>Gets the entry of an object. Entries of the continued message must not be changed.</summary>
    public ref Entry this[int id]
    {
        get
        {
            if (id >= _knownCount) return ref _entries[id - _knownCount];
            return ref _known!._entries[id];
        }
    }

    /// <summary>Whether an object belongs to the continued message.</summary>
    public bool IsKnown(int id) => id < _knownCount;

    /// <summary>Makes the objects of an earlier message, which the other side has read, part of the look-up; null for none. Their numbers come
    /// first. The table of the earlier message no longer changes, and any number of messages can continue it concurrently.</summary>
    public void Continue(IdentityTable? known)
    {
        _known = known;
        _knownCount = known?._count ?? 0;
    }

    /// <summary>Removes all objects except for the root.</summary>
    public void KeepRoot()
    {
        var root = _entries[0];
        Clear();
        _entries = [root];
        _count = 1;
    }

    /// <summary>Whether an object is the first in the table, the root of the message.</summary>
    public bool Has(object root) => _count > 0 && ReferenceEquals(_entries[0].Value, root);

    /// <summary>Returns the number of an object, and adds the object if necessary; <paramref name="added"/> indicates whether it was added.</summary>
    public int FindOrAdd(object value, out bool added)
    {
        if (_known is not null && _known.Find(value) is >= 0 and var known)
        {
            added = false;
            return known;
        }

        return FindOrAddHere(value, out added);
    }

    /// <summary>Same as <see cref="FindOrAdd"/>, but does not look up the objects of the continued message.</summary>
    public int FindOrAddHere(object value, out bool added) => FindOrAddOwn(value, out added) + _knownCount;

    /// <summary>Returns the number of an object; -1 if it is not in the table. Safe for any thread while no object is added.</summary>
    private int Find(object value)
    {
        if (!_hashing)
        {
            for (int i = 0; i < _count; i++)
            {
                if (ReferenceEquals(_entries[i].Value, value)) return i;
            }

            return -1;
        }

        int mask = _buckets.Length - 1;
        for (int at = RuntimeHelpers.GetHashCode(value) * unchecked((int)0x9E3779B1) >>> 4 & mask; _buckets[at] != 0; at = at + 1 & mask)
        {
            if (ReferenceEquals(_entries[_buckets[at] - 1].Value, value)) return _buckets[at] - 1;
        }

        return -1;
    }

    private int FindOrAddOwn(object value, out bool added)
    {
        if (!_hashing)
        {
            var entries = _entries;
            for (int i = 0; i < _count; i++)
            {
                if (ReferenceEquals(entries[i].Value, value))
                {
                    added = false;
                    return i;
                }
            }

            if (_count < Linear)
            {
                added = true;
                return Append(value);
            }

            StartHashing();
        }

        int mask = _buckets.Length - 1;
        int at = RuntimeHelpers.GetHashCode(value) * unchecked((int)0x9E3779B1) >>> 4 & mask;
        for (; _buckets[at] != 0; at = at + 1 & mask)
        {
            if (ReferenceEquals(_entries[_buckets[at] - 1].Value, value))
            {
                added = false;
                return _buckets[at] - 1;
            }
        }

        added = true;
        _buckets[at] = _count + 1;
        int id = Append(value);
        if (_count * 2 > _buckets.Length) Rehash(_buckets.Length * 2);
        return id;
    }

    public void Clear()
    {
        if (_entries.Length > KeptCapacity) _entries = new Entry[Linear];
        else Array.Clear(_entries, 0, _count);
        if (_buckets.Length > KeptCapacity * 4) _buckets = [];
        _hashing = false;
        _count = 0;
    }

    private int Append(object value)
    {
        if (_count == _entries.Length) Array.Resize(ref _entries, _count * 2);
        _entries[_count].Value = value;
        return _count++;
    }

    private void StartHashing()
    {
        _hashing = true;
        if (_buckets.Length == 0) _buckets = new int[256];
        else Array.Clear(_buckets);
        Fill();
    }

    private void Rehash(int size)
    {
        _buckets = new int[size];
        Fill();
    }

    private void Fill()
    {
        int mask = _buckets.Length - 1;
        for (int i = 0; i < _count; i++)
        {
            int at = RuntimeHelpers.GetHashCode(_entries[i].Value) * unchecked((int)0x9E3779B1) >>> 4 & mask;
            while (_buckets[at] != 0) at = at + 1 & mask;
            _buckets[at] = i + 1;
        }
    }

    /// <summary>One object of the message.</summary>
    internal struct Entry
    {
        /// <summary>The object.</summary>
        public object? Value;

        /// <summary>The plan of the object while its body is pending; otherwise null.</summary>
        public ObjectPlan? Pending;

        /// <summary>The length of the chain of deferred objects from the root to the object.</summary>
        public int Depth;

        /// <summary>The number of the written part of a closure; 0 for objects that are written whole.</summary>
        public int Part;
    }
}
