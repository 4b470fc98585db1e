using System.Reflection;
using System.Reflection.Emit;
using Samovar.Cli.Map.Methods;
using Samovar.Cli.Map.Targets;

namespace Samovar.Cli.Tests.Map.Methods;

public sealed class MethodFinderTests : IDisposable
{
    private readonly MapFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [ProcessFact]
    public void A_whole_name_is_not_the_end_of_a_longer_one()
    {
        Target target = Build("W", "Other.W");

        MethodFinder.Find(target, "W.A").Method.DeclaringType!.FullName.ShouldBe("W");
        MethodFinder.Find(target, "Other.W.A").Method.DeclaringType!.FullName.ShouldBe("Other.W");
        Should.Throw<UsageException>(() => MethodFinder.Find(target, "A")).Message.ShouldContain("Several methods of ");
        Should.Throw<UsageException>(() => MethodFinder.Find(target, null)).Message.ShouldEndWith("\n  int W.A(int ) in W\n  int W.A(int ) in Other.W");
    }

    // An assembly with a method A in each of the types.
    private Target Build(params string[] types)
    {
        var assembly = new PersistedAssemblyBuilder(new AssemblyName("Finder"), typeof(object).Assembly);
        ModuleBuilder module = assembly.DefineDynamicModule("Finder");
        foreach (string name in types)
        {
            TypeBuilder type = module.DefineType(name, TypeAttributes.Public | TypeAttributes.Abstract | TypeAttributes.Sealed);
            ILGenerator code = type.DefineMethod("A", MethodAttributes.Public | MethodAttributes.Static, typeof(int), [typeof(int)]).GetILGenerator();
            code.Emit(OpCodes.Ldarg_0);
            code.Emit(OpCodes.Ret);
            type.CreateType();
        }

        assembly.Save(_folder.PathOf("Finder.dll"));
        return new Target(_folder.PathOf("Finder.dll"), _folder.PathOf("Finder.dll"));
    }
}
