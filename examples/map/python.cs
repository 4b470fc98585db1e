#:property AllowUnsafeBlocks=true

using System.Runtime.InteropServices;

/// <summary>Parses Python files with Python's own parser. Each worker process has an interpreter of its own; threads would wait for each other at
/// the interpreter's global lock.</summary>
public static partial class Python
{
    private const string Library = "libpython3.11.so.1.0"; // Debian's libpython3.11
    private const int Expression = 258;                    // Py_eval_input

    private static readonly nint s_globals = Start();

    public static string Inspect(FileInfo file) =>
        Evaluate($"inspect({Quote(file.FullName)})") ?? throw new InvalidDataException($"Python: {Evaluate("failure", clear: false)}");

    private static nint Start()
    {
        Py_InitializeEx(0);
        _ = PyRun_SimpleString(
            """
            import ast, json
            failure = ""
            def inspect(path):
                global failure
                try:
                    with open(path, "rb") as file:
                        nodes = list(ast.walk(ast.parse(file.read(), path)))
                    count = lambda kind: sum(isinstance(node, kind) for node in nodes)
                    return json.dumps({"functions": count(ast.FunctionDef), "classes": count(ast.ClassDef), "nodes": len(nodes)})
                except Exception as error:
                    failure = repr(error)
                    raise
            """);
        return PyModule_GetDict(PyImport_AddModule("__main__"));
    }

    private static string? Evaluate(string expression, bool clear = true)
    {
        nint result = PyRun_String(expression, Expression, s_globals, s_globals);
        if (result == 0)
        {
            if (clear) PyErr_Clear();
            return null;
        }

        string? text = Marshal.PtrToStringUTF8(PyUnicode_AsUTF8(result));
        Py_DecRef(result);
        return text;
    }

    private static string Quote(string text) => $"'{text.Replace("\\", "\\\\").Replace("'", "\\'")}'";

    [LibraryImport(Library)]
    private static partial void Py_InitializeEx(int installSignalHandlers);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int PyRun_SimpleString(string program);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint PyRun_String(string text, int start, nint globals, nint locals);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint PyImport_AddModule(string name);

    [LibraryImport(Library)]
    private static partial nint PyModule_GetDict(nint module);

    [LibraryImport(Library)]
    private static partial nint PyUnicode_AsUTF8(nint text);

    [LibraryImport(Library)]
    private static partial void PyErr_Clear();

    [LibraryImport(Library)]
    private static partial void Py_DecRef(nint value);
}
