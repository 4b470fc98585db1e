using Samovar.Processes.Protocol;

namespace Samovar.Processes.Parent;

/// <summary>The context that flows with a task to its worker in addition to the work; most tasks have none.</summary>
internal sealed class TaskSurroundings
{
    public static readonly TaskSurroundings None = new("", []);

    private TaskSurroundings(string trace, byte[] cultures)
    {
        Trace = trace;
        Cultures = cultures;
    }

    /// <summary>The activity that the task continues, see <see cref="TaskTrace"/>; empty if it continues none.</summary>
    public string Trace { get; }

    /// <summary>The cultures under which the task runs, see <see cref="SentCultures"/>; empty for those of its worker.</summary>
    public byte[] Cultures { get; }

    public static TaskSurroundings Of(string trace, byte[] cultures) => trace.Length == 0 && cultures.Length == 0 ? None : new(trace, cultures);
}
