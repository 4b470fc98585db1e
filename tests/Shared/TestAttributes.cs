using System.Runtime.CompilerServices;

namespace Samovar.Tests.Testing;

/// <summary>A test that stays in its process; its limit is <see cref="TestTimeout.Threads"/>.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ThreadFactAttribute : FactAttribute
{
    public ThreadFactAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line) => Timeout = TestTimeout.Threads;
}

/// <summary>A test with arguments that stays in its process; its limit is <see cref="TestTimeout.Threads"/>.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ThreadTheoryAttribute : TheoryAttribute
{
    public ThreadTheoryAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line) => Timeout = TestTimeout.Threads;
}

/// <summary>A test that starts processes; its limit is <see cref="TestTimeout.Processes"/>.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ProcessFactAttribute : FactAttribute
{
    public ProcessFactAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line) => Timeout = TestTimeout.Processes;
}

/// <summary>A test with arguments that starts processes; its limit is <see cref="TestTimeout.Processes"/>.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ProcessTheoryAttribute : TheoryAttribute
{
    public ProcessTheoryAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line) => Timeout = TestTimeout.Processes;
}
