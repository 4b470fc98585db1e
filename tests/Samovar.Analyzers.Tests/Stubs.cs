using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Samovar.Analyzers.Tests;

/// <summary>The shapes of Samovar that the rules look for, compiled as a library of their own, as users see them.</summary>
internal static class Stubs
{
    private const string Code = """
        using System;
        using System.Collections.Generic;
        using System.Runtime.CompilerServices;
        using System.Threading;
        using System.Threading.Tasks;

        namespace Samovar
        {
            public record TaskOptions { public string? Name { get; init; } }

            public class Future
            {
                public Future Named(string name) => this;
                public bool Cancel() => true;
                public TaskAwaiter GetAwaiter() => Task.CompletedTask.GetAwaiter();
            }

            public class Future<T> : Future
            {
                public new TaskAwaiter<T> GetAwaiter() => Task.FromResult(default(T)!).GetAwaiter();
            }

            public abstract class Executor : IAsyncDisposable
            {
                public Future Submit(Action work, TaskOptions? options = null) => new();
                public Future Submit(Action<CancellationToken> work, TaskOptions? options = null) => new();
                public Future Submit(Func<Task> work, TaskOptions? options = null) => new();
                public Future<T> Submit<T>(Func<T> work, TaskOptions? options = null) => new();
                public Future<T> Submit<T>(Func<CancellationToken, T> work, TaskOptions? options = null) => new();
                public Future<T> Submit<T>(Func<Task<T>> work, TaskOptions? options = null) => new();
                public IAsyncEnumerable<R> Map<T, R>(IEnumerable<T> source, Func<T, R> work, CancellationToken token = default) => null!;
                public void Race(params Action[] works) { }
                public ValueTask DisposeAsync() => default;
            }

            public static class ProcessWorker { public static void RunIfWorker(string[] args) { } }

            public class ProcessExecutor : Executor { public event Action? WorkerStarted { add { } remove { } } }
            public sealed class ThreadExecutor : Executor;
            public sealed class EventLoop : Executor
            {
                public static EventLoop? Current => null;
                public TimeProvider Time => TimeProvider.System;
                public static void Run(Func<Task> main) { }
                public static ValueTask SleepAsync(TimeSpan delay) => default;
                public static Task<T> RunOnAsync<T>(Executor executor, Func<T> work) => null!;
            }

            public sealed class TaskGroup
            {
                public static Task RunAsync(Func<TaskGroup, Task> body) => Task.CompletedTask;
                public void Run(Func<Task> work) { }
            }

            public sealed class CancelScope
            {
                public static Task FailAfterAsync(TimeSpan delay, Func<CancelScope, Task> work) => Task.CompletedTask;
            }

            public sealed class InlineExecutor : Executor;

            public class ChildProcess
            {
                public static ChildProcess Start(Action work) => new();
                public static ChildProcess<T> Start<T>(Func<T> work) => new(work);
                public void WhenEnded(Action then) { }
            }

            public sealed class ChildProcess<T>(Func<T> work) : ChildProcess { public Func<T> Work => work; }
        }

        namespace Samovar.Serialization
        {
            [AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Interface, Inherited = true)]
            public sealed class ShipWithAttribute(Type codec) : Attribute { public Type Codec => codec; }
        }

        namespace Samovar.Ipc
        {
            public sealed class SharedArray<T> { public T this[int index] { get => default!; set { } } public Span<T> Span => default; }
            public sealed class ProcessQueue<T> { public void Add(T item) { } }
        }
        """;

    public static IReadOnlyList<MetadataReference> Framework { get; } =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(p => Path.GetFileName(p).StartsWith("System.", StringComparison.Ordinal) || Path.GetFileName(p) is "netstandard.dll")
            .Select(p => MetadataReference.CreateFromFile(p)),
    ];

    public static MetadataReference Library { get; } = CSharpCompilation.Create(
        "Samovar",
        [CSharpSyntaxTree.ParseText(Code)],
        Framework,
        new(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable)).EmitToImageReference();

    private static PortableExecutableReference EmitToImageReference(this CSharpCompilation compilation)
    {
        using var image = new MemoryStream();
        var result = compilation.Emit(image);
        result.Success.ShouldBeTrue(string.Join('\n', result.Diagnostics));
        return MetadataReference.CreateFromImage(image.ToArray());
    }
}
