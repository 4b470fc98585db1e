using System.Globalization;
using Samovar.Diagnostics.Inspection;
using Samovar.Diagnostics.Watching;
using Samovar.Loops.Inspection;

namespace Samovar.Loops.Groups;

/// <summary>The groups that were opened off a loop: their tasks run on the thread pool or in another synchronization context. Snapshots of the
/// process include them.</summary>
internal static class GroupsOffLoops
{
    private static readonly GroupList s_groups = ShownFromOutside();

    public static void Add(TaskGroup group) => s_groups.Add(group);

    public static void Remove(TaskGroup group) => s_groups.Remove(group);

    private static GroupList ShownFromOutside()
    {
        var groups = new GroupList();
        ExecutorRegistry.Also(request =>
        {
            var all = groups.All;
            return all.Length == 0
                ? null
                : new TaskTreeNode("groups off a loop", string.Create(CultureInfo.InvariantCulture, $"{all.Length} groups"), [], TaskTree.Of(all, request.Most));
        });
        InspectionSource.OpenOnce();
        return groups;
    }
}
