using System.Buffers;
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.Loader;
using Samovar.Serialization;
using Samovar.Serialization.Definitions;

namespace Samovar.Tests.Serialization;

/// <summary>Two builds of one dll in one process, each in a load context of its own.</summary>
public sealed class BuildMismatchTests : IDisposable
{
    private readonly List<AssemblyLoadContext> _contexts = [];

    [ThreadFact]
    public void A_rebuilt_dll_is_refused_with_an_error_that_says_so()
    {
        var before = Build("Tea.Library");
        var after = Build("Tea.Library");
        before.ManifestModule.ModuleVersionId.ShouldNotBe(after.ManifestModule.ModuleVersionId);

        var bytes = Shipping.Pack(Make(before));
        var error = Should.Throw<BuildMismatchException>(() => Shipping.Unpack<object>(bytes, Seeing(after)));
        error.Assembly.ShouldBe("Tea.Library");
        error.Sent.ShouldBe(before.ManifestModule.ModuleVersionId);
        error.Found.ShouldBe(after.ManifestModule.ModuleVersionId);
        error.Message.ShouldContain("was rebuilt");
        error.Message.ShouldContain("Restart the program");
    }

    [ThreadFact]
    public void The_same_build_is_taken_wherever_it_was_loaded_from()
    {
        var build = Build("Tea.Same");
        var copy = Shipping.Unpack<object>(Shipping.Pack(Make(build)), Seeing(build));
        copy.GetType().ShouldBe(build.GetType("Cup"));
        copy.GetType().GetField("Degrees")!.GetValue(copy).ShouldBe(40);
        Shipping.Unpack<object>(Shipping.Pack(Make(build))).GetType().ShouldBe(build.GetType("Cup"));
    }

    [ThreadFact]
    public void An_assembly_that_is_not_there_is_not_looked_for_elsewhere()
    {
        var bytes = Shipping.Pack(Make(Build("Tea.Gone")));
        var error = Should.Throw<BuildMismatchException>(() => Shipping.Unpack<object>(bytes, Seeing(typeof(object).Assembly)));
        error.Found.ShouldBeNull();
        error.Message.ShouldContain("'Tea.Gone'");
        error.Message.ShouldContain("not part of this process");
    }

    [ThreadFact]
    public void An_assembly_that_the_program_lists_but_cannot_load_is_named()
    {
        Samovar.Serialization.Definitions.BuildVerifier.Trust(["Tea.Listed"]);
        var error = Should.Throw<BuildMismatchException>(() => Samovar.Serialization.Definitions.BuildVerifier.Find("Tea.Listed", Guid.NewGuid(), []));
        error.InnerException.ShouldBeOfType<FileNotFoundException>();
        Should.Throw<BuildMismatchException>(() => Samovar.Serialization.Definitions.BuildVerifier.Find("Tea.Unlisted", Guid.NewGuid(), [])).InnerException.ShouldBeNull();
    }

    [ThreadFact]
    public void An_assembly_of_the_program_is_loaded_when_a_message_names_it()
    {
        // Part of the runtime's list, and unlikely to be loaded by a test before.
        var name = new AssemblyName("System.Net.Ping");
        var error = Should.Throw<BuildMismatchException>(() => Samovar.Serialization.Definitions.BuildVerifier.Find(name.Name!, Guid.NewGuid()));
        error.Found.ShouldBe(Assembly.Load(name).ManifestModule.ModuleVersionId);
    }

    [ThreadFact]
    public void Lambdas_and_types_as_values_are_checked_too()
    {
        var before = Build("Tea.Values");
        var options = Seeing(Build("Tea.Values"));
        Should.Throw<BuildMismatchException>(() => Shipping.Unpack<Type>(Shipping.Pack(before.GetType("Cup")), options));
        Should.Throw<BuildMismatchException>(() => Shipping.Unpack<object>(Shipping.Pack<object>(new List<object> { Make(before) }), options));
    }

    [ThreadFact]
    public void A_module_that_is_not_there_costs_what_needs_it_and_nothing_else()
    {
        var writer = new ShippingWriter();
        var reader = new ShippingReader(Seeing(typeof(BuildMismatchTests).Assembly));
        ArrayBufferWriter<byte> lost = new(), sound = new(), definitions = new();
        writer.Write<object>(lost, new[] { Make(Build("Tea.Lost")) });
        writer.Write<object>(sound, new Sugar(2));
        writer.WriteDefinitions(0, writer.DefinitionCount, definitions);

        reader.ReadDefinitions(definitions.WrittenSpan).ShouldBe(definitions.WrittenCount);
        Should.Throw<BuildMismatchException>(() => reader.Read<object>(lost.WrittenSpan)).Assembly.ShouldBe("Tea.Lost");
        reader.Read<object>(sound.WrittenSpan).ShouldBe(new Sugar(2));
        reader.ReadDefinitions(definitions.WrittenSpan).ShouldBe(definitions.WrittenCount); // those that are known are passed over
    }

    [ThreadFact]
    public void A_file_in_a_message_is_not_looked_at_where_its_sender_is_no_parent()
    {
        string folder = Directory.CreateTempSubdirectory("samovar-tests-").FullName;
        var context = new AssemblyLoadContext("Tea.Filed", isCollectible: true);
        _contexts.Add(context);
        string path = Path.Combine(folder, "Tea.Filed.dll");
        File.WriteAllBytes(path, Image("Tea.Filed").ToArray());
        var writer = new ShippingWriter(ShippingOptions.OfWork);
        ArrayBufferWriter<byte> message = new(), definitions = new();
        writer.Write<object>(message, Make(context.LoadFromAssemblyPath(path)));
        writer.WriteDefinitions(0, writer.DefinitionCount, definitions);
        var reader = new ShippingReader(Seeing(typeof(BuildMismatchTests).Assembly));

        reader.ReadDefinitions(definitions.WrittenSpan);
        Should.Throw<BuildMismatchException>(() => reader.Read<object>(message.WrittenSpan)).Message.ShouldContain("not part of this process");
        Directory.Delete(folder, recursive: true);
    }

    [ThreadFact]
    public void A_file_that_was_loaded_before_in_an_earlier_build_is_refused_with_what_to_do()
    {
        string folder = Directory.CreateTempSubdirectory("samovar-tests-").FullName;
        string path = Path.Combine(folder, "Tea.Again.dll"), other = Path.Combine(folder, "Tea.Again.2.dll");
        Guid before = Write();
        new ModuleFile(path, IsApart: true).Load("Tea.Again", before).ModuleVersionId.ShouldBe(before);
        File.Move(path, Path.Combine(folder, "before"));
        Guid after = Write();
        File.Copy(path, other);

        foreach (string file in (string[])[path, other])
        {
            var error = Should.Throw<BuildMismatchException>(() => new ModuleFile(file, IsApart: true).Load("Tea.Again", after));
            error.Message.ShouldStartWith($"This worker has loaded an earlier build ({before:D}) of assembly 'Tea.Again' from '{path}'");
            error.Found.ShouldBe(before);
        }

        Directory.Delete(folder, recursive: true);

        Guid Write()
        {
            using MemoryStream image = Image("Tea.Again");
            File.WriteAllBytes(path, image.ToArray());
            return ModuleFile.BuildOf(path);
        }
    }

    public void Dispose() => _contexts.ForEach(c => c.Unload());

    private static ShippingOptions Seeing(Assembly assembly) => new() { VisibleAssemblies = [assembly, typeof(object).Assembly] };

    private static object Make(Assembly assembly)
    {
        object cup = Activator.CreateInstance(assembly.GetType("Cup")!)!;
        cup.GetType().GetField("Degrees")!.SetValue(cup, 40);
        return cup;
    }

    private Assembly Build(string name)
    {
        using var image = Image(name);
        var context = new AssemblyLoadContext(name, isCollectible: true);
        _contexts.Add(context);
        return context.LoadFromStream(image);
    }

    private static MemoryStream Image(string name)
    {
        var assembly = new PersistedAssemblyBuilder(new AssemblyName(name), typeof(object).Assembly);
        var type = assembly.DefineDynamicModule(name).DefineType("Cup", TypeAttributes.Public | TypeAttributes.Class);
        type.DefineField("Degrees", typeof(int), FieldAttributes.Public);
        type.DefineDefaultConstructor(MethodAttributes.Public);
        type.CreateType();
        var image = new MemoryStream();
        assembly.Save(image);
        image.Position = 0;
        return image;
    }

    private sealed record Sugar(int Lumps);
}
