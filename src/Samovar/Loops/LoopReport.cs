namespace Samovar.Loops;

internal static class LoopReport
{
    public static string OfDeadlock(LoopHost host, Task main) => $"Event loop '{host.Name}' cannot go on. {main.Id}";
}
