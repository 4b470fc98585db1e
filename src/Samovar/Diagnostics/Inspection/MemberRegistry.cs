namespace Samovar.Diagnostics.Inspection;

/// <summary>The members of clusters in this process, for inspection from outside. Holds weak references only.</summary>
internal static class MemberRegistry
{
    private static readonly Lock s_gate = new();
    private static readonly List<(int Number, WeakReference<IInspectedMember> Member)> s_members = []; // gate; oldest first
    private static int s_created; // gate

    /// <summary>Adds a member that was created.</summary>
    public static void Add(IInspectedMember member)
    {
        lock (s_gate)
        {
            s_members.RemoveAll(static kept => !kept.Member.TryGetTarget(out var target) || target.HasLeft);
            s_members.Add((++s_created, new WeakReference<IInspectedMember>(member)));
        }
    }

    /// <summary>Returns the members that have not left, with their numbers, the oldest first.</summary>
    public static List<(int Number, IInspectedMember Member)> Present()
    {
        List<(int Number, IInspectedMember Member)> present = [];
        lock (s_gate)
        {
            foreach (var (number, kept) in s_members)
            {
                if (kept.TryGetTarget(out var member)) present.Add((number, member));
            }
        }

        present.RemoveAll(static one => one.Member.HasLeft);
        return present;
    }
}
