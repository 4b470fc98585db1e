using System.Diagnostics.CodeAnalysis;
using Samovar.Primitives;
using Samovar.Processes.Worker;
using Samovar.Serialization;
using Samovar.Serialization.Wire;

namespace Samovar.Cluster.Worker;

/// <summary>What a worker keeps of an owner between its tasks: the definitions, and the work that tasks share. Thread-safe.</summary>
[RequiresUnreferencedCode(CodeRequirements.Unreferenced), RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed class OwnerMemory
{
    private const int MostOwners = 16;
    private const int MostShared = 16;

    private static readonly Lock s_gate = new();
    private static readonly List<OwnerMemory> s_owners = []; // s_gate: the last used comes last

    private readonly Guid _owner;
    private readonly Lock _gate = new();
    private readonly List<Shared> _shared = []; // gate: the last used comes last

    private OwnerMemory(Guid owner) => _owner = owner;

    /// <summary>Reads what the owner wrote.</summary>
    public ShippingReader Reader { get; } = new();

    /// <summary>Returns the memory of an owner; forgets the owner that was not used for the longest time if there are too many.</summary>
    public static OwnerMemory Of(Guid owner)
    {
        lock (s_gate)
        {
            int at = s_owners.FindIndex(memory => memory._owner == owner);
            var found = at < 0 ? new OwnerMemory(owner) : s_owners[at];
            if (at >= 0) s_owners.RemoveAt(at);
            else if (s_owners.Count == MostOwners) s_owners.RemoveAt(0);
            s_owners.Add(found);
            return found;
        }
    }

    /// <summary>Reads the definitions that a task needs, and skips known ones.</summary>
    public void Define(byte[] definitions)
    {
        if (definitions.Length == 0) return;
        lock (_gate) Reader.ReadDefinitions(definitions);
    }

    /// <summary>Returns the objects of shared work, read once.</summary>
    public object[] ReadShared(SharedBytes work)
    {
        lock (_gate)
        {
            int at = _shared.FindIndex(known => known.Number == work.Number);
            if (at >= 0)
            {
                var known = _shared[at];
                _shared.RemoveAt(at);
                _shared.Add(known);
                return known.Objects;
            }

            _ = TaskReading.Read(Reader, work.Body, connector: null, [], work.RefersToAll ? KeptObjects.All : KeptObjects.Root, out object[] objects);
            if (_shared.Count == MostShared) _shared.RemoveAt(0);
            _shared.Add(new Shared(work.Number, objects));
            return objects;
        }
    }

    private sealed record Shared(int Number, object[] Objects);
}
