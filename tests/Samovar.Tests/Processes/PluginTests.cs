using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.ExceptionServices;
using System.Runtime.Loader;
using System.Runtime.Versioning;
using Samovar.Serialization;
using Samovar.Serialization.Definitions;

namespace Samovar.Tests.Processes;

/// <summary>Work of assemblies that the program has loaded from files of its choice. Each test has names of its own, for nothing that was loaded goes away.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class PluginTests : IDisposable
{
    private const string Method = "Degrees";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("samovar-plugins-");

    public void Dispose() => _folder.Delete(recursive: true);

    [ProcessFact]
    public async Task Code_that_was_loaded_from_a_file_runs_in_a_worker_with_the_files_next_to_it()
    {
        Assembly water = Assembly.LoadFrom(Write("one", "Plugin.Water", 40));
        Assembly kettle = Assembly.LoadFrom(Write("one", "Plugin.Kettle", calls: water));
        await using var pool = PoolUnderTest.Build(workers: 1);

        (await pool.Submit(Work(kettle))).ShouldBe(40);
        object cup = Activator.CreateInstance(kettle.GetType("Cup")!)!;
        (await pool.Submit(() => cup)).GetType().ShouldBe(cup.GetType()); // there and back
    }

    [ProcessFact]
    public async Task What_the_dependency_file_lists_is_found_in_its_folder()
    {
        Assembly leaf = LoadApart(Write("listed/runtimes/unix/lib/net10.0", "Plugin.Listed.Leaf", 7));
        string pot = Write("listed", "Plugin.Listed.Pot", calls: leaf);
        await WriteListAsync(pot, "Plugin.Listed.Leaf");
        await File.WriteAllTextAsync(Path.Combine(Path.GetDirectoryName(pot)!, "Plugin.Listed.Gone.deps.json"), "{}", TestContext.Current.CancellationToken);
        await using var pool = PoolUnderTest.Build(workers: 1);

        (await pool.Submit(Work(LoadApart(pot)))).ShouldBe(7);
    }

    [ProcessFact]
    public async Task A_folder_that_could_not_be_listed_is_listed_again()
    {
        var context = FolderContext.Of(Path.Combine(_folder.FullName, "late", "Plugin.Late.Pot.dll"));
        Should.Throw<FileNotFoundException>(() => context.LoadFromAssemblyName(new AssemblyName("Plugin.Late.Tea"))); // there is no such folder

        string leaf = Write("late/runtimes/unix/lib/net10.0", "Plugin.Late.Leaf", 7);
        await WriteListAsync(Write("late", "Plugin.Late.Pot"), "Plugin.Late.Leaf");

        context.LoadFromAssemblyName(new AssemblyName("Plugin.Late.Leaf")).Location.ShouldBe(leaf);
    }

    [ProcessFact]
    public async Task A_dependency_file_that_cannot_be_read_is_read_again_when_it_has_changed()
    {
        string pot = Write("damaged", "Plugin.Damaged.Pot"), leaf = Write("damaged/runtimes/unix/lib/net10.0", "Plugin.Damaged.Leaf", 7);
        await File.WriteAllTextAsync(Path.ChangeExtension(pot, ".deps.json"), "no list", TestContext.Current.CancellationToken);
        var context = FolderContext.Of(pot);

        FailuresOf("Plugin.Damaged.Coffee").ShouldBeGreaterThan(0);
        FailuresOf("Plugin.Damaged.Tea").ShouldBe(0);
        await WriteListAsync(pot, "Plugin.Damaged.Leaf");
        context.LoadFromAssemblyName(new AssemblyName("Plugin.Damaged.Leaf")).Location.ShouldBe(leaf);

        int FailuresOf(string name)
        {
            int failures = 0, thread = Environment.CurrentManagedThreadId;
            AppDomain.CurrentDomain.FirstChanceException += Count;
            try
            {
                Should.Throw<FileNotFoundException>(() => context.LoadFromAssemblyName(new AssemblyName(name)));
            }
            finally
            {
                AppDomain.CurrentDomain.FirstChanceException -= Count;
            }

            return failures;

            void Count(object? sender, FirstChanceExceptionEventArgs e)
            {
                if (e.Exception is InvalidOperationException && Environment.CurrentManagedThreadId == thread) failures++;
            }
        }
    }

    [ProcessFact]
    public async Task Assemblies_of_one_name_that_are_apart_here_are_apart_in_the_worker()
    {
        Assembly cold = LoadApart(Write("cold", "Plugin.Tea", calls: LoadApart(Write("cold", "Plugin.Leaves", 5))));
        Assembly hot = LoadApart(Write("hot", "Plugin.Tea", calls: LoadApart(Write("hot", "Plugin.Leaves", 90))));
        await using var pool = PoolUnderTest.Build(workers: 1);

        (await pool.Submit(Work(cold))).ShouldBe(5);
        (await pool.Submit(Work(hot))).ShouldBe(90);
    }

    [ProcessFact]
    public async Task A_file_that_was_replaced_or_is_gone_is_named()
    {
        string replaced = Write("two", "Plugin.Replaced", 1), gone = Write("two", "Plugin.Gone", 1);
        var works = new[] { replaced, gone }.Select(path => Work(Assembly.LoadFrom(path))).ToArray();
        File.Delete(replaced);
        File.Delete(gone);
        Write("two", "Plugin.Replaced", 2);
        await using var pool = PoolUnderTest.Build(workers: 1);

        (await Should.ThrowAsync<BuildMismatchException>(async () => await pool.Submit(works[0]))).Message.ShouldContain($"was rebuilt: ");
        (await Should.ThrowAsync<BuildMismatchException>(async () => await pool.Submit(works[1]))).Message.ShouldContain($"cannot be loaded from '{gone}'");
        (await pool.Submit(static () => typeof(PluginTests))).ShouldBe(typeof(PluginTests)); // other work continues, with definitions behind those
    }

    [ProcessFact]
    public async Task Code_that_was_loaded_from_bytes_is_refused_where_it_is_submitted()
    {
        Assembly nowhere = Assembly.Load(await File.ReadAllBytesAsync(Write("three", "Plugin.Nowhere", 1), TestContext.Current.CancellationToken));
        await using var pool = PoolUnderTest.Build(workers: 1);
        object cup = Activator.CreateInstance(nowhere.GetType("Cup")!)!;

        Should.Throw<UnshippableException>(() => pool.Submit(Work(nowhere))).Message.ShouldContain("'Plugin.Nowhere', which was loaded from bytes");
        Should.Throw<UnshippableException>(() => pool.Submit(() => cup)).Message.ShouldContain("'Plugin.Nowhere') was loaded from bytes");
    }

    private static Func<int> Work(Assembly plugin) => plugin.GetType("Cup")!.GetMethod(Method)!.CreateDelegate<Func<int>>();

    // Each folder has a context of its own, as hosts of plug-ins make it.
    private static Assembly LoadApart(string path) =>
        (AssemblyLoadContext.All.FirstOrDefault(context => context.Name == Path.GetDirectoryName(path)) ?? new AssemblyLoadContext(Path.GetDirectoryName(path)))
            .LoadFromAssemblyPath(path);

    /// <summary>Writes the dependency file of an assembly. It lists another one, which is in the folder for its platform.</summary>
    private static Task WriteListAsync(string path, string dependency)
    {
        string name = Path.GetFileNameWithoutExtension(path);
        return File.WriteAllTextAsync(Path.ChangeExtension(path, ".deps.json"), $$"""
            {
              "runtimeTarget": { "name": ".NETCoreApp,Version=v10.0", "signature": "" },
              "targets": {
                ".NETCoreApp,Version=v10.0": {
                  "{{name}}/1.0.0": { "dependencies": { "{{dependency}}": "1.0.0" }, "runtime": { "{{name}}.dll": {} } },
                  "{{dependency}}/1.0.0": { "runtimeTargets": { "runtimes/unix/lib/net10.0/{{dependency}}.dll": { "rid": "unix", "assetType": "runtime" } } }
                }
              },
              "libraries": {
                "{{name}}/1.0.0": { "type": "project", "serviceable": false, "sha512": "" },
                "{{dependency}}/1.0.0": { "type": "package", "serviceable": false, "sha512": "" }
              }
            }
            """, TestContext.Current.CancellationToken);
    }

    /// <summary>Writes an assembly with a class <c>Cup</c>, whose method returns a number, or what that of another assembly returns.</summary>
    private string Write(string folder, string name, int degrees = 0, Assembly? calls = null)
    {
        var assembly = new PersistedAssemblyBuilder(new AssemblyName(name), typeof(object).Assembly);
        var type = assembly.DefineDynamicModule(name).DefineType("Cup", TypeAttributes.Public | TypeAttributes.Class);
        type.DefineDefaultConstructor(MethodAttributes.Public);
        var body = type.DefineMethod(Method, MethodAttributes.Public | MethodAttributes.Static, typeof(int), []).GetILGenerator();
        if (calls is null) body.Emit(OpCodes.Ldc_I4, degrees);
        else body.Emit(OpCodes.Call, calls.GetType("Cup")!.GetMethod(Method)!);
        body.Emit(OpCodes.Ret);
        type.CreateType();
        string path = Path.Combine(_folder.CreateSubdirectory(folder).FullName, name + ".dll");
        assembly.Save(path);
        return path;
    }
}
