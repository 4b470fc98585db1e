using System.Reflection;
using Samovar.Ipc;

namespace Samovar.Tests.Architecture;

/// <summary>The primitives inside a process and those between processes are one family: the same thing has the same name.</summary>
public sealed class FamilyTests
{

    /// <summary>Members that one of a pair has and the other has not, and why.</summary>
    private static readonly Dictionary<string, string> s_differences = new(StringComparer.Ordinal)
    {
        ["AsyncEvent.Waiting"] = "a manual event between processes wakes all at once and keeps no line to count",
        ["AsyncQueue.Clear()"] = "items between processes belong to their producers' rings; a consumer takes them",
        ["AsyncQueue.ToString()"] = "named in the reports of a loop",
        ["AsyncQueue.Capacity"] = "a queue between processes always has a capacity",
        ["AsyncQueue.Count"] = "counts several rings: a long",
        ["AsyncBarrier.SignalAndWaitAsync(CancellationToken)"] = "between processes an arrival may be taken back by a death: its number would not be unique",
        ["ProcessBarrier.SignalAndWaitAsync(CancellationToken)"] = "as above",
        ["AsyncCondition.WaitAsync(Lease, Func<Boolean>, CancellationToken)"] = "between processes such a wait takes a timeout, since no scope ends it",
        ["AsyncCondition.WaitAsync(Lease, CancellationToken)"] = "returns a Task: it always suspends, and may be handed to several waiters",
        ["ProcessQueue.PutMany(ReadOnlySpan<T>, CancellationToken)"] = "batches pay between processes",
        ["ProcessQueue.TakeMany(Span<T>, CancellationToken)"] = "batches pay between processes",
        ["ProcessQueue.TryTakeMany(Span<T>)"] = "batches pay between processes",
        ["ProcessQueue.Reader"] = "of Channel<T>",
        ["ProcessQueue.Writer"] = "of Channel<T>",
        ["ProcessQueue.Capacity"] = "see AsyncQueue.Capacity",
        ["ProcessQueue.Count"] = "see AsyncQueue.Count",
    };

    public static TheoryData<Type, Type> Pairs => new()
    {
        { typeof(AsyncLock), typeof(ProcessLock) },
        { typeof(AsyncSemaphore), typeof(ProcessSemaphore) },
        { typeof(AsyncEvent), typeof(ProcessEvent) },
        { typeof(AsyncCondition), typeof(ProcessCondition) },
        { typeof(AsyncBarrier), typeof(ProcessBarrier) },
        { typeof(AsyncQueue<>), typeof(ProcessQueue<>) },
    };

    private static IEnumerable<Type> PublicTypes => typeof(Executor).Assembly.GetExportedTypes();

    [ThreadTheory]
    [MemberData(nameof(Pairs))]
    public void Members_of_a_pair_agree(Type inside, Type between)
    {
        var here = MembersOf(inside);
        var there = MembersOf(between);
        here.Keys.Where(member => !there.ContainsKey(member)).Select(member => $"{Name(inside)}.{member}").Where(IsUnexplained).ShouldBeEmpty();
        there.Where(member => !here.ContainsKey(member.Key) && !IsOwnForm(member.Value, there)).Select(member => $"{Name(between)}.{member.Key}").Where(IsUnexplained)
            .ShouldBeEmpty();
        here.Where(member => there.TryGetValue(member.Key, out var twin) && Returns(member.Value) != Returns(twin)).Select(member => $"{Name(inside)}.{member.Key}")
            .Where(IsUnexplained).ShouldBeEmpty();
    }

    [ThreadFact]
    public void Every_stated_difference_exists()
    {
        var members = Pairs.SelectMany(static pair => new[] { pair.Data.Item1, pair.Data.Item2 })
            .SelectMany(static type => MembersOf(type).Keys.Select(member => $"{Name(type)}.{member}"));
        s_differences.Keys.Except(members).ShouldBeEmpty();
    }

    [ThreadFact]
    public void What_can_be_entered_can_be_tried_and_asked()
    {
        foreach (var type in PublicTypes)
        {
            var names = type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly).Select(static method => method.Name).ToHashSet();
            foreach (string enter in names.Where(static name => name.StartsWith("Enter", StringComparison.Ordinal)))
            {
                string attempt = "Try" + (enter.EndsWith("Async", StringComparison.Ordinal) ? enter[..^5] : enter);
                names.ShouldContain(attempt, type.Name);
                names.ShouldContain("GetStatistics", type.Name);
            }

            if (names.Contains("TryTake") || names.Contains("Submit")) type.GetMethod("GetStatistics").ShouldNotBeNull(type.Name);
        }
    }

    [ThreadFact]
    public void One_exception_reports_a_broken_barrier() =>
        PublicTypes.Where(static type => typeof(Exception).IsAssignableFrom(type) && type.Name.Contains("Barrier", StringComparison.Ordinal))
            .ShouldBe([typeof(BarrierBrokenException)]);

    private static bool IsUnexplained(string member) => !s_differences.ContainsKey(member);

    /// <summary>Whether a member between processes needs no twin: a blocking form, one with a timeout, or one that shared memory needs.</summary>
    private static bool IsOwnForm(MemberInfo member, Dictionary<string, MemberInfo> all) => member is MethodInfo method
        && (method.IsStatic && method.Name == "Open"
            || method.Name == nameof(IDisposable.Dispose)
            || method.GetParameters().Any(static parameter => parameter.ParameterType == typeof(TimeSpan))
            || all.Keys.Any(other => other.StartsWith(method.Name + "Async(", StringComparison.Ordinal)));

    private static Dictionary<string, MemberInfo> MembersOf(Type type) => type
        .GetMembers(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static)
        .Where(static member => member.DeclaringType != typeof(object) && member is MethodInfo { IsSpecialName: false } or PropertyInfo)
        .ToDictionary(static member => member is MethodInfo method ? $"{method.Name}({string.Join(", ", method.GetParameters().Select(static p => Plain(p.ParameterType)))})" : member.Name);

    private static string Returns(MemberInfo member) => Plain(member is MethodInfo method ? method.ReturnType : ((PropertyInfo)member).PropertyType);

    private static string Name(Type type) => type.Name.Split('`')[0];

    /// <summary>A type's name without its family: a lease is a lease.</summary>
    private static string Plain(Type type)
    {
        if (type.IsByRef) return "out " + Plain(type.GetElementType()!);
        string name = type.Name.Split('`')[0];
        foreach (string family in (string[])["Async", "Process"])
        {
            if (type.Assembly == typeof(Executor).Assembly && name.StartsWith(family, StringComparison.Ordinal)) name = name[family.Length..];
        }

        return type.IsGenericType ? $"{name}<{string.Join(", ", type.GetGenericArguments().Select(Plain))}>" : name;
    }
}
