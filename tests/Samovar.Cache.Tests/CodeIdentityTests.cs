using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Samovar.Serialization.Closures;

namespace Samovar.Cache.Tests;

/// <summary>Which changes of a program change the identity of its code. Each program is compiled twice; the delegate is <c>Program.Work</c>.</summary>
public sealed class CodeIdentityTests
{
    private const string Before =
        """
        using System;
        public abstract class Shape { public abstract int Area(); }
        public class Square : Shape { public override int Area() => 4; }
        public static class Program
        {
            private static readonly int[] Table = [1, 2, 3, 4, 5, 6];
            public static int Unused(int number) => number;
            private static int Inner(int number) => number < 0 ? Inner(-number) : number + Table[0];
            private static T Same<T>(T value) => value;
            public static Func<int, int> Work = number =>
            {
                try { Shape shape = new Square(); return Same(Inner(number)) + shape.Area() + "tea".Length; }
                catch (ArgumentException) { return 0; }
            };
            public static Func<int, System.Threading.Tasks.Task<int>> Later = async number => { await System.Threading.Tasks.Task.Yield(); return number + 1; };
        }
        """;

    [ThreadFact]
    public void The_same_code_has_the_same_identity_in_another_build()
    {
        var one = Load(Before);
        var other = Load(Before + "public class Added { public Func<int> More = () => 5; }");
        one.Module.ModuleVersionId.ShouldNotBe(other.Module.ModuleVersionId);
        one.Of("Work").ShouldBe(other.Of("Work"));
        one.Of("Later").ShouldBe(other.Of("Later"));
        one.Of("Work").ShouldNotBe(one.Of("Later"));
    }

    [ThreadTheory]
    [InlineData("Unused(int number) => number", "Unused(int number) => number + 1")] // another method of the class
    [InlineData("public static Func<int, int> Work", "public static Func<int> Earlier() => () => 1; public static Func<int, int> Work")] // another lambda before it
    [InlineData("public static int Unused", "public static int Added; public static int Unused")]
    public void A_change_elsewhere_keeps_it(string from, string to) => Load(Before).Of("Work").ShouldBe(Load(Replace(from, to)).Of("Work"));

    [ThreadTheory]
    [InlineData("number + Table[0]", "number - Table[0]")] // a method that it calls
    [InlineData("number < 0 ?", "number <= 0 ?")]
    [InlineData("\"tea\"", "\"cup\"")] // a text
    [InlineData("public static Func<int, int> Work", "public static int Two = 2; public static Func<int, int> Work")] // the static constructor
    [InlineData("[1, 2, 3, 4, 5, 6]", "[1, 2, 3, 4, 5, 7]")] // a constant
    [InlineData("Area() => 4", "Area() => 5")] // a method that it calls through a base class
    [InlineData("catch (ArgumentException)", "catch (InvalidOperationException)")]
    public void A_change_of_the_code_that_it_uses_changes_it(string from, string to) => Load(Before).Of("Work").ShouldNotBe(Load(Replace(from, to)).Of("Work"));

    [ThreadFact]
    public void A_change_after_an_await_changes_it() => Load(Before).Of("Later").ShouldNotBe(Load(Replace("return number + 1;", "return number + 2;")).Of("Later"));

    [ThreadFact]
    public void Type_arguments_belong_to_it()
    {
        var of = CodeIdentity.Of(typeof(CodeIdentityTests).GetMethod(nameof(Generic), BindingFlags.Static | BindingFlags.NonPublic)!.MakeGenericMethod(typeof(int)));
        of.ShouldNotBe(CodeIdentity.Of(typeof(CodeIdentityTests).GetMethod(nameof(Generic), BindingFlags.Static | BindingFlags.NonPublic)!.MakeGenericMethod(typeof(long))));
    }

    private static string Generic<T>(T value) => typeof(T).Name + value;

    private static string Replace(string from, string to)
    {
        Before.ShouldContain(from);
        return Before.Replace(from, to, StringComparison.Ordinal);
    }

    private static Build Load(string source)
    {
        string[] files = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);
        var compilation = CSharpCompilation.Create(
            "Program", [CSharpSyntaxTree.ParseText("using System;\n" + source.Replace("using System;", "", StringComparison.Ordinal))],
            files.Where(static file => Path.GetFileName(file).StartsWith("System.", StringComparison.Ordinal)).Select(static file => MetadataReference.CreateFromFile(file)),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release));
        using var bytes = new MemoryStream();
        compilation.Emit(bytes).Diagnostics.Where(static one => one.Severity == DiagnosticSeverity.Error).ShouldBeEmpty();
        bytes.Position = 0;
        return new Build(new AssemblyLoadContext(null, isCollectible: true).LoadFromStream(bytes));
    }

    private sealed record Build(Assembly Assembly)
    {
        public Module Module => Assembly.ManifestModule;

        public byte[] Of(string field) => CodeIdentity.Of(((Delegate)Assembly.GetType("Program")!.GetField(field)!.GetValue(null)!).Method);
    }
}
