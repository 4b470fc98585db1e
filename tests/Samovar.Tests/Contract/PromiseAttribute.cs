using System.Runtime.CompilerServices;
using Xunit.Sdk;
using Xunit.v3;

namespace Samovar.Tests.Contract;

/// <summary>Says what the executor under test, a subclass of <see cref="ExecutorContract"/>, can do.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class CanAttribute(Capabilities capabilities) : Attribute
{
    public Capabilities Capabilities => capabilities;
}

/// <summary>A promise of every executor, or of those that can do what it needs; for the others it is no test at all.</summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer(typeof(PromiseDiscoverer))]
public sealed class PromiseAttribute : FactAttribute
{
    public PromiseAttribute(
        Capabilities needs = Capabilities.None,
        [CallerFilePath] string? sourceFilePath = null,
        [CallerLineNumber] int sourceLineNumber = -1)
        : base(sourceFilePath, sourceLineNumber)
    {
        Needs = needs;
        Timeout = TestTimeout.Processes; // of some executors, a task is a process
    }

    public Capabilities Needs { get; }
}

/// <summary>Finds the promises that an executor can be held to.</summary>
public sealed class PromiseDiscoverer : FactDiscoverer
{
    public override ValueTask<IReadOnlyCollection<IXunitTestCase>> Discover(
        ITestFrameworkDiscoveryOptions discoveryOptions, IXunitTestMethod testMethod, IFactAttribute factAttribute)
    {
        var can = testMethod.TestClass.Class.GetCustomAttributes(typeof(CanAttribute), inherit: false)
            .Cast<CanAttribute>().Single().Capabilities;
        var needs = ((PromiseAttribute)factAttribute).Needs;
        return (can & needs) == needs ? base.Discover(discoveryOptions, testMethod, factAttribute) : new([]);
    }
}
