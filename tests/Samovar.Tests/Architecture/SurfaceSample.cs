using System.Runtime.InteropServices;

namespace Samovar.Tests.Architecture;

/// <summary>One declaration of every kind, and how <see cref="PublicSurface"/> writes it.</summary>
public static class SurfaceSample
{
    public const string Expected = """
        Samovar.Tests.Architecture: abstract class SurfaceSample.Base : IDisposable
            List<string?>? Names { get; protected set; }
            abstract Task<T> RunAsync<T>(Func<CancellationToken, Task<T?>> work, CancellationToken cancellationToken = default) where T : notnull
            const string Word = "tea"
            event EventHandler? Changed
            int this[int index] { get; }
            protected Base(int count, string? name = null)
            protected virtual void OnChanged()
            static readonly int Zero
            void Dispose()
        Samovar.Tests.Architecture: [Flags] enum SurfaceSample.Choice : byte
            None = 0
            One = 1
        Samovar.Tests.Architecture: sealed class SurfaceSample.Derived : SurfaceSample.Base
            Derived()
            override Task<T> RunAsync<T>(Func<CancellationToken, Task<T?>> work, CancellationToken cancellationToken = default)
        Samovar.Tests.Architecture: delegate ref int SurfaceSample.Handler<T>(in T value, out string? error, ref int count, params object[] rest) where T : class?
        Samovar.Tests.Architecture: interface SurfaceSample.IShape<in TIn, out TOut>
            static abstract TOut? Make(TIn input, DayOfWeek day = DayOfWeek.Friday)
        Samovar.Tests.Architecture: [Obsolete] sealed class SurfaceSample.Old
            Old()
        Samovar.Tests.Architecture: sealed record SurfaceSample.Options<T> : IEquatable<SurfaceSample.Options<T>>
            (string?, int?, T?[]) Pair { get; init; }
            Options(T Value)
            T Value { get; init; }
            required TimeSpan? Patience { get; init; }
            static implicit operator T(SurfaceSample.Options<T> options)
        Samovar.Tests.Architecture: readonly record struct SurfaceSample.Point : IEquatable<SurfaceSample.Point>
            Point(int X, int Y)
            int X { get; init; }
            int Y { get; init; }
        Samovar.Tests.Architecture: readonly ref struct SurfaceSample.View<T> where T : unmanaged
            Span<T> Span { get; }
            View(Span<T> span)

        """;

    public abstract class Base(int count, string? name = null) : IDisposable
    {
        public const string Word = "tea";
        public static readonly int Zero;

        public event EventHandler? Changed;

        public List<string?>? Names { get; protected set; } = [name];

        public int this[int index] => count + index;

        public abstract Task<T> RunAsync<T>(Func<CancellationToken, Task<T?>> work, CancellationToken cancellationToken = default)
            where T : notnull;

        public void Dispose() => GC.SuppressFinalize(this);

        protected virtual void OnChanged() => Changed?.Invoke(this, EventArgs.Empty);

        private protected static void Hidden()
        {
        }
    }

    public sealed class Derived() : Base(1)
    {
        public override async Task<T> RunAsync<T>(Func<CancellationToken, Task<T?>> work, CancellationToken cancellationToken = default)
            where T : default => (await work(cancellationToken))!;

        public override string ToString() => "";

        internal static void AlsoHidden()
        {
        }
    }

    public delegate ref int Handler<T>(in T value, out string? error, ref int count, params object[] rest) where T : class?;

    public sealed record Options<T>(T Value)
    {
        public required TimeSpan? Patience { get; init; }

        public (string? Name, int? Count, T?[] More) Pair { get; init; }

        public static implicit operator T(Options<T> options) => options.Value;
    }

    [StructLayout(LayoutKind.Auto)]
    public readonly record struct Point(int X, int Y);

    public readonly ref struct View<T>(Span<T> span) where T : unmanaged
    {
        public Span<T> Span { get; } = span;
    }

    [Flags]
    public enum Choice : byte
    {
        None = 0,
        One = 1,
    }

    public interface IShape<in TIn, out TOut>
    {
        static abstract TOut? Make(TIn input, DayOfWeek day = DayOfWeek.Friday);
    }

    [Obsolete("to show the mark")]
    public sealed class Old;
}
