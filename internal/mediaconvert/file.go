package mediaconvert

import "reflect"

// DecodeFile reads a file that describes a job, a template or a preset into the
// input of a client's operation, such as the SDK's CreateJobInput: a pointer to
// a structure of the SDK's types with a member Settings. The file may have
// PascalCase or lowerCamel names, be a whole request or bare settings, or a
// resource as an answer has it, alone or as {"Job": {…}}; wrapper is that
// member's wire name. Members that only answers have are skipped.
//
// What is wrong with its form comes back as spool.Problems, all at once: text
// that is no JSON, members that are not known, values of a wrong type. Values
// and rules are for the server to judge.
func DecodeFile(data []byte, wrapper string, input any) error {
	problems := &problemList{}
	root, err := parseTree(data, MaxBody, maxValues, problems)
	if err != nil {
		return err
	}
	if root.kind != nodeObject {
		problems.add("", "The file should hold a JSON object, not a JSON %s.", typeNames[root.kind])
		return problems.err()
	}
	v := reflect.ValueOf(input).Elem()
	settings, _ := fieldNamed(v.Type(), "settings")
	members := []string{"name"} // of an answer, where the input has none
	for _, f := range wireFields(v.Type()) {
		members = append(members, f.name)
	}
	root = wrapBare(unwrap(root, wrapper), v.Type().Field(settings.index).Type.Elem(), members...)
	(&decoder{form: FormFile, problems: problems}).members(root, v, memberRules{answers: fileAnswers})
	return problems.err()
}

// fileAnswers are the members that no input takes from a file: those that only
// answers have, and what an update cannot change.
var fileAnswers = func() map[string]bool {
	all := map[string]bool{"tags": true, "name": true}
	for _, set := range []map[string]bool{responseOnly, catalogAnswers} {
		for name := range set {
			all[name] = true
		}
	}
	return all
}()
